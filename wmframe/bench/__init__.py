"""``wmframe bench``: speed measurements that other implementations can reproduce."""
