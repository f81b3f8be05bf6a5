"""What ``copy`` does to two registries: reading, writing, and giving back what it changed for a while."""
