"""Guards of evidence: what proves nothing passes no gate, and what is too much is not read."""

from local.mutants.mutant import Guard

_GATES = "tests/domain/test_metric_gates.py"
_DOCUMENTS = "tests/domain/test_document_gates.py"
_FILES = "tests/adapters/test_azure_ml_run_files.py"
_RUNS = "tests/adapters/test_azure_ml_runs.py"

EVIDENCE_GUARDS = (
    Guard(
        name="mean of numbers alone",
        file="shared/domain/metric_values.py",
        old='            return Taken(text, fault=f"The run logged {quoted(text)} of {name}, so that its values have no mean.")\n',
        new="            continue\n",
        test=f"{_GATES}::test_a_policy_says_which_value_of_a_run_counts",
    ),
    Guard(
        name="best value by what is better",
        file="shared/domain/metric_values.py",
        old="    best = min(finite) if rule.lower_is_better else max(finite)\n",
        new="    best = max(finite)\n",
        test=f"{_GATES}::test_the_best_value_is_the_least_where_less_is_better",
    ),
    Guard(
        name="values too many to be read prove nothing",
        file="shared/domain/metric_values.py",
        old="    if not series.whole:\n",
        new="    if False:\n",
        test=f"{_GATES}::test_too_many_values_prove_nothing",
    ),
    Guard(
        name="a best value compared with a best value alone",
        file="shared/domain/metric_gates.py",
        old="        if _taken(holder, name) != metric.taken:\n",
        new="        if False:\n",
        test=f"{_GATES}::test_the_best_value_is_compared_with_a_best_value_alone",
    ),
    Guard(
        name="pages of one metric's values",
        file="shared/adapters/azure_ml_runs.py",
        old="        for _ in range(MOST_PAGES):\n",
        new="        while True:\n",
        test=f"{_RUNS}::test_of_a_series_too_long_no_more_than_five_pages_are_read",
    ),
    Guard(
        name="files of runs from configured hosts alone",
        file="shared/adapters/azure_ml_artifacts.py",
        old="            if container is None or not self._may_list(container):\n                raise",
        new="            if container is None:\n                raise",
        test=f"{_FILES}::test_on_a_host_that_is_not_configured_nothing_is_read_nor_a_sas_asked_for",
    ),
    Guard(
        name="packed files stay packed",
        file="shared/adapters/azure_ml_artifacts.py",
        old=", decompress=False",
        new="",
        test="tests/adapters/test_azure_ml_hosts.py::test_a_packed_file_of_a_run_is_not_unpacked",
    ),
    Guard(
        name="size of a file of a run",
        file="shared/adapters/azure_ml_artifacts.py",
        old="stream.readall() if stream.size <= LARGEST_FILE else None",
        new="stream.readall()",
        test=f"{_FILES}::test_a_larger_file_is_told_by_its_size_alone",
    ),
    Guard(
        name="text in a file of results is no number",
        file="shared/domain/results_file.py",
        old="    return str(value) if is_number else json.dumps(value, default=str)[:_LONGEST_TEXT]\n",
        new="    return str(value)\n",
        test="tests/domain/test_results_file.py::test_what_is_no_number_in_the_file_is_none_for_a_gate",
    ),
    Guard(
        name="age of a file of results",
        file="shared/domain/results_gate.py",
        old='    fault = age_fault(given.now, made, rule.max_age) if made and rule.max_age else ""\n',
        new='    fault = ""\n',
        test=f"{_GATES}::test_a_file_of_results_is_there_readable_and_young_enough",
    ),
    Guard(
        name="a document about other content",
        file="shared/domain/document_gates.py",
        old="    other = sorted(path for path, md5 in held.items() if found.files.get(path) != md5)\n",
        new="    other: list[str] = []\n",
        test=f"{_DOCUMENTS}::test_a_document_is_about_exactly_the_files_of_the_version",
    ),
    Guard(
        name="a document about fewer files",
        file="shared/domain/document_gates.py",
        old='    yield from (f"it is not about {quoted(path)}." for path in sorted(held.keys() - found.files.keys()))\n',
        new="",
        test=f"{_DOCUMENTS}::test_the_first_reason_is_told",
    ),
    Guard(
        name="files that no scan looked at",
        file="shared/domain/document_gates.py",
        old="    unseen = _must_be_named(asked, held) - set(found.named)\n",
        new="    unseen: set[str] = set()\n",
        test=f"{_DOCUMENTS}::test_what_can_run_code_must_have_been_looked_at",
    ),
    Guard(
        name="findings worse than allowed",
        file="shared/domain/document_gates.py",
        old="    if worse:\n",
        new="    if False:\n",
        test=f"{_DOCUMENTS}::test_findings_worse_than_allowed_fail",
    ),
    Guard(
        name="a signature that nobody verified",
        file="shared/domain/model_signature.py",
        old='incomplete="" if verified else "nobody says to have verified the signature"',
        new='incomplete=""',
        test="tests/domain/test_model_documents.py::test_a_signature_that_nobody_verified_is_not_enough",
    ),
    Guard(
        name="issues that a summary hides",
        file="shared/domain/scan_reports.py",
        old=" or {name: count for name, count in counted.items() if count} != dict(found):\n",
        new=":\n",
        test="tests/domain/test_model_documents.py"
        "::test_a_report_of_another_form_or_that_contradicts_itself_is_not_used",
    ),
    Guard(
        name="a code version is a whole commit",
        file="shared/domain/lineage_gates.py",
        old="    if not _COMMIT.fullmatch(commit):\n",
        new="    if False:\n",
        test=f"{_GATES}::test_a_code_version_is_a_whole_git_commit_with_nothing_changed_since",
    ),
    Guard(
        name="bytes of a file in the digest",
        file="shared/domain/digest_document.py",
        old="        **_files(facts.sources),\n",
        new="",
        test="tests/workflow/test_evidence.py::test_other_bytes_after_the_approval_void_it_and_are_shown",
    ),
    Guard(
        name="query values are encoded",
        file="shared/adapters/azure_ml_http.py",
        old='        encoded = {name: quote(value, safe="") for name, value in params.items()}\n',
        new="        encoded = dict(params)\n",
        test=f"{_RUNS}::test_a_metric_may_have_a_hostile_name",
    ),
)
