"""What operators and LAMs sign, and what proves that an address is the workspace's."""
