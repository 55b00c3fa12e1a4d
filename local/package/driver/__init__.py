"""What runs in the package's own environment: indexes the unpacked app and invokes its functions, as a worker does.

Started as `python -Es -m driver REQUEST ANSWER` from the folder above, in an environment that holds the package's
requirements and nothing of this project. So these modules import each other by `.name`, `azure.functions`, and nothing
else that is not Python's own.
"""
