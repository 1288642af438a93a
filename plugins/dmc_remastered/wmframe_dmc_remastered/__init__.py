"""DMC Remastered for wmframe: the DeepMind Control Suite with random looks."""
