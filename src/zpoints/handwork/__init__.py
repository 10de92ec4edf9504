"""What a user does with a trained model by hand: take a picture from anywhere, and keep the pictures that come out."""
