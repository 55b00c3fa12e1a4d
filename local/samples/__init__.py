"""Sample models, really trained and really evaluated on data that scikit-learn ships, logged and registered as usual.

Command: `python -m local.samples register --model fraud-good`. The data are stand-ins: tumours of `load_breast_cancer`
for card payments (malignant for fraudulent), handwritten figures of `load_digits` for photographs of faulty parts.
"""
