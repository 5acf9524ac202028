"""The craft of preparing features for learning: scikit-learn transformers, one idea a file.

`Preparation` composes them; each also stands alone: `Winsoriser(upper=0.99).fit_transform(X)`.
"""

from patron.features.methods.absence import AbsenceEncoder
from patron.features.methods.choices import Choice
from patron.features.methods.correlation_selection import CorrelationSelector
from patron.features.methods.mutual_information_selection import MutualInformationSelector
from patron.features.methods.preparation import Preparation
from patron.features.methods.scaling import ColumnScaler
from patron.features.methods.skewness import SkewnessReducer
from patron.features.methods.value_discriminant import ValueDiscriminant
from patron.features.methods.variance_selection import VarianceSelector
from patron.features.methods.winsorising import Winsoriser

__all__ = [
    "AbsenceEncoder",
    "Choice",
    "ColumnScaler",
    "CorrelationSelector",
    "MutualInformationSelector",
    "Preparation",
    "SkewnessReducer",
    "ValueDiscriminant",
    "VarianceSelector",
    "Winsoriser",
]
