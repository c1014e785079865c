"""What the project is made with, and a running assistant never needs."""
