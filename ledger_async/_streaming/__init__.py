"""Many pages become one stream, and leaving it is safe."""
