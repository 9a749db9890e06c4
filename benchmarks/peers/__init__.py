"""Programs that read the same pages, each as its authors would write it."""
