"""One page: asked for, decoded, and its nodes told apart by keys."""
