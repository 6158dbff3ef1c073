"""The pages below docs/generated: each module makes some of them from what the program itself runs on."""
