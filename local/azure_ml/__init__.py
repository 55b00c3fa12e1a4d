"""An emulator of Azure Machine Learning: control plane, registries, blobs and MLflow over TLS.

It answers the real azure-ai-ml and mlflow clients without any patching of them. What each route answers, and why, follows
the recorded replies of the public service as far as they are known; every place where the service's behaviour is not
known is a switch in :class:`local.azure_ml.config.Behaviour`.
"""
