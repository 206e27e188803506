"""What several actions share. Each action is a module beside this folder."""
