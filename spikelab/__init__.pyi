from .errors import ParameterError as ParameterError
