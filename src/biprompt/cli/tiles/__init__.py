"""`biprompt segment` of very large images and of images on the map."""
