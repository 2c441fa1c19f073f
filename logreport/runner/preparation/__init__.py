"""From what the user asks for to a command.

`fetching` brings the checkout, `flags` reads its flags from its source,
and `prepare` puts the command together and says what was added. `private` is the folder that the script may delete.
"""
