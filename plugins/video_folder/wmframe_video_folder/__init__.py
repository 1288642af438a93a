"""Any folder of video files, or of folders of frames, as a dataset for wmframe."""
