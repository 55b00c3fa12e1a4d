"""`python -m local.package` (`make package`): the zip that is deployed, and whether it runs with nothing but itself.

Built from what `.funcignore` leaves, unpacked elsewhere, its requirements.txt installed alone in an environment of each
Python that is here, and then indexed and invoked there by `local.package.driver`.
"""
