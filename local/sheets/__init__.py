"""What a deployment costs and which limit it meets first: measured amounts, stated prices and limits, a pure model."""
