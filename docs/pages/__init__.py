"""What is made below docs: each module makes some of it from what the program itself runs on."""
