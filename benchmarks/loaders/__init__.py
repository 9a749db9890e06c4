"""Programs that load the same NFTs into a store, each as its authors would write it."""
