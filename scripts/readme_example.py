"""Print the first example of the README that the installed package carries."""  # noqa: INP001 - a script

from __future__ import annotations

import re
import sys
from importlib.metadata import metadata

found = re.search(r"```python\n(.*?)```", metadata("ledger-async").json["description"], re.DOTALL)
sys.stdout.write(found[1] if found else sys.exit("the README has no example in Python"))
