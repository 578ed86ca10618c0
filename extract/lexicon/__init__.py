"""What portals' words, names and addresses mean: text in, values out."""
