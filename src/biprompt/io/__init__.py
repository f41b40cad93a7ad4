"""Images and masks in, masks and pictures out; only imported where it is used."""
