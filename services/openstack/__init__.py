"""What the wings of OpenStack share: entering a cloud as a person, discovery, reading, what errors mean."""
