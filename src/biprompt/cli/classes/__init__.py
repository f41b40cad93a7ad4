"""`biprompt segment --classes`: a list of names, one label map."""
