"""LeRobot datasets for wmframe: their cameras as videos, their actions as replay."""
