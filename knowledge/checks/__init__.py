"""What must hold over the whole knowledge base: one module and one function a concern.

`knowledge.check` lists them all and runs them.
"""
