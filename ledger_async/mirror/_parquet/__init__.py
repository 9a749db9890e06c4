"""Tables as directories of Parquet files: a snapshot for each run that was finished.

While a run goes on, its rows lie in a journal, in a directory that readers overlook. At its end
they become whole files beside those that are carried over, and the directory gets its name.
"""

import ledger_async.mirror.arrow  # noqa: F401 - says which extra is missing, before all others
