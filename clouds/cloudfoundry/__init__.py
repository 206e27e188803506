"""Cloud Foundry foundations: where they answer, who a person is there, and which spaces are theirs."""
