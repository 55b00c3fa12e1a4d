"""Guards of policy: what no file may weaken."""

from local.mutants.mutant import Guard

POLICY_GUARDS = (
    Guard(
        name="gates that no mode weakens",
        file="shared/domain/policy.py",
        old="        if kind in ALWAYS_ENFORCED:\n",
        new="        if False:\n",
        test="tests/domain/test_evaluate.py::test_no_mode_weakens_separation_of_duties_or_targets",
    ),
)
