"""How good are decoded images? Features of a network that knows faces, scores in their space, floors and ceilings."""
