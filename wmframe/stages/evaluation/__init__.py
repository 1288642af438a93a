"""What was learnt: loaded, tried in simulators and on held-out clips, shown as pictures."""
