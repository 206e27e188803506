"""A platform of one lamp after the other: a wing that nothing in the product knows of."""
