"""What a person may ask under Law 27/2022: to see all that is held on them, and to have it erased."""
