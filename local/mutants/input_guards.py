"""Guards of what comes in and goes out: paths, bodies, JSON, pages, filters, hosts, secrets."""

from local.mutants.mutant import Guard

_EDGE = "shared/web/edge.py"
_JSON = "shared/domain/strict_json.py"
_EDGE_TESTS = "tests/web/test_edge.py"
_KEYS = "tests/adapters/test_entra_identity_keys.py"
_REFUSED = "tests/domain/test_strict_json.py::test_hostile_json_is_refused_with_a_sentence"
_SECRETS = "tests/settings/test_settings.py::test_what_was_read_does_not_show_its_secrets"

INPUT_GUARDS = (
    Guard(
        name="path normal form",
        file=_EDGE,
        old='    if is_normal(scope["path"]) and is_normal(',
        new="    if is_normal(",
        test=f"{_EDGE_TESTS}::test_a_path_that_is_not_normal_is_refused_whatever_was_sent",
    ),
    Guard(
        name="path normal form as it was sent",
        file=_EDGE,
        old='    if is_normal(scope["path"]) and is_normal(sent.decode("latin-1").partition("?")[0]):\n',
        new='    if is_normal(scope["path"]):\n',
        test=f"{_EDGE_TESTS}::test_what_was_sent_encoded_is_refused_though_it_decodes_to_a_normal_path",
    ),
    Guard(
        name="body cap by its stated length",
        file=_EDGE,
        old="    return _too_large() if stated and int(stated[0]) > LARGEST_BODY else None\n",
        new="    return None\n",
        test=f"{_EDGE_TESTS}::test_a_body_said_to_be_too_large_is_not_even_waited_for",
    ),
    Guard(
        name="body cap as it is read",
        file=_EDGE,
        old="        if size > LARGEST_BODY:\n            return None\n",
        new="",
        test=f"{_EDGE_TESTS}::test_a_body_of_unstated_length_is_read_no_further_than_the_cap",
    ),
    Guard(
        name="security headers",
        file=_EDGE,
        old='            message["headers"] = [*message["headers"], *(pair for pair in added if pair[0] not in own)]\n',
        new="",
        test=f"{_EDGE_TESTS}::test_every_answer_carries_the_security_headers",
    ),
    Guard(
        name="crash without a word of what broke",
        file=_EDGE,
        old="        except Exception:  # the last line: a crash is logged under an id, and never shown\n"
        "            incident = self._new_id()\n",
        new="        except Exception as broken:\n            incident = repr(broken)\n",
        test=f"{_EDGE_TESTS}::test_a_crash_is_told_without_a_word_of_what_broke_and_logged_under_its_incident",
    ),
    Guard(
        name="JSON duplicate keys",
        file=_JSON,
        old="        if key in found:\n",
        new="        if False:\n",
        test=f"{_REFUSED}[key twice]",
    ),
    Guard(
        name="JSON depth",
        file=_JSON,
        old="        _refuse_deep(text, max_depth)\n",
        new="",
        test=f"{_REFUSED}[too deep]",
    ),
    Guard(
        name="JSON non-finite numbers",
        file=_JSON,
        old="            parse_constant=_constant,\n",
        new="",
        test=f"{_REFUSED}[NaN]",
    ),
    Guard(
        name="JSON numbers out of range",
        file=_JSON,
        old='    if value in (float("inf"), float("-inf")):\n',
        new="    if False:\n",
        test=f"{_REFUSED}[out of range]",
    ),
    Guard(
        name="JSON size",
        file=_JSON,
        old="    if len(data) > max_bytes:\n",
        new="    if False:\n",
        test=f"{_REFUSED}[too large]",
    ),
    Guard(
        name="JSON halves of surrogate pairs",
        file=_JSON,
        old="        _refuse_surrogates(value)\n",
        new="",
        test=f"{_REFUSED}[lone surrogate]",
    ),
    Guard(
        name="grammar of names",
        file="shared/domain/ids.py",
        old="    if not _GRAMMAR[part].fullmatch(text):\n",
        new="    if not _GRAMMAR[part].match(text):\n",
        test="tests/domain/test_ids.py::test_what_does_not_fit_the_grammar_is_refused",
    ),
    Guard(
        name="escape in pages",
        file="shared/web/rendering.py",
        old="        autoescape=True,\n",
        new="        autoescape=False,\n",
        test="tests/web/test_pages.py::test_hostile_text_stays_text_on_every_page",
    ),
    Guard(
        name="unseen characters spelled out",
        file="shared/domain/visible.py",
        old="    return character if character.isprintable() else",
        new="    return character if True else",
        test="tests/cli/test_show.py::test_hostile_text_cannot_move_the_terminal",
    ),
    Guard(
        name="OData parameter of a query",
        file="shared/adapters/table_worklist.py",
        old='        found = self._table.query(DUE, {"pk": _PARTITION, "now": instant_text(now)})\n',
        new="        found = self._table.query(f\"PartitionKey eq 'work' and due le '{instant_text(now)}'\", {})\n",
        test="tests/architecture/test_odata_filters.py::test_filters_are_constants_with_parameters",
    ),
    Guard(
        name="OData parameter of a listing",
        file="shared/adapters/read_model_queries.py",
        old="    clauses = [_CLAUSES[name] for name in parameters]\n",
        new="    clauses = [f\"{name} eq '{value}'\" for name, value in parameters.items()]\n",
        test="tests/contract/test_read_models.py::test_a_value_in_a_filter_stays_a_value",
    ),
    Guard(
        name="tokens to foreign hosts",
        file="shared/adapters/azure_ml_http.py",
        old="        if not is_allowed(url, self._hosts):\n",
        new="        if False:\n",
        test="tests/adapters/test_azure_ml_hosts.py::test_a_registry_said_to_be_elsewhere_is_not_asked",
    ),
    Guard(
        name="tokens of our own requests to foreign hosts",
        file="shared/adapters/azure_ml_http.py",
        old="                    HostGuard(settings.token_hosts),\n",
        new="",
        test="tests/adapters/test_azure_ml_hosts.py::test_a_tracking_uri_elsewhere_is_not_asked",
    ),
    Guard(
        name="tokens of the SDK to foreign hosts",
        file="shared/adapters/azure_ml.py",
        old="                per_retry_policies=[HostGuard(self._settings.token_hosts), *self._policies],\n",
        new="                per_retry_policies=[*self._policies],\n",
        test="tests/adapters/test_azure_ml_hosts.py"
        "::test_an_import_that_is_to_be_asked_for_elsewhere_is_not_asked_for[Location]",
    ),
    Guard(
        name="form of a host that is allowed",
        file="shared/adapters/azure_ml_settings.py",
        old='    if parts.scheme != "https" or not host or "@" in host:\n',
        new='    if not host or "@" in host:\n',
        test="tests/adapters/test_azure_ml_hosts.py::test_which_urls_may_be_asked",
    ),
    Guard(
        name="signing keys from the issuer's own host",
        file="shared/adapters/signing_keys.py",
        old='        if found["issuer"] != self._issuer or urlsplit(uri).netloc != urlsplit(self._issuer).netloc:\n',
        new="        if False:\n",
        test="tests/adapters/test_entra_identity.py::test_a_discovery_document_that_points_elsewhere_is_not_followed",
    ),
    Guard(
        name="redirects of whoever lists signing keys",
        file="shared/adapters/signing_keys.py",
        old="follow_redirects=False",
        new="follow_redirects=True",
        test=f"{_KEYS}::test_a_redirect_leads_to_no_keys",
    ),
    Guard(
        name="length of a signing key",
        file="shared/adapters/signing_keys.py",
        old=" and key.key_size >= SHORTEST_KEY else None\n",
        new=" else None\n",
        test=f"{_KEYS}::test_a_key_that_is_not_for_signatures_or_too_short_is_not_taken[short]",
    ),
    Guard(
        name="use of a signing key",
        file="shared/adapters/signing_keys.py",
        old=' or jwk.get("use", "sig") != "sig"',
        new="",
        test=f"{_KEYS}::test_a_key_that_is_not_for_signatures_or_too_short_is_not_taken[use]",
    ),
    Guard(
        name="size of a key set",
        file="shared/adapters/signing_keys.py",
        old="            if len(body) > LARGEST_DOCUMENT:\n",
        new="            if False:\n",
        test=f"{_KEYS}::test_a_document_that_is_too_large_is_not_read",
    ),
    Guard(
        name="webhook keys in the repr of settings",
        file="shared/settings/places.py",
        old="    keys: tuple[bytes, ...] = field(repr=False)\n",
        new="    keys: tuple[bytes, ...]\n",
        test=_SECRETS,
    ),
    Guard(
        name="connection string in the repr of settings",
        file="shared/settings/places.py",
        old="    connection_string: str | None = field(default=None, repr=False)\n",
        new="    connection_string: str | None = None\n",
        test=_SECRETS,
    ),
    Guard(
        name="content type of a body",
        file="shared/web/bodies.py",
        old='    if stated.partition(";")[0].strip().lower() != "application/json":\n',
        new="    if False:\n",
        test="tests/web/test_webhooks.py::test_a_body_that_does_not_say_it_is_json_is_not_read",
    ),
    Guard(
        name="content security policy",
        file=_EDGE,
        old="default-src 'none'; style-src",
        new="default-src 'self'; style-src",
        test=f"{_EDGE_TESTS}::test_every_answer_carries_the_security_headers",
    ),
    Guard(
        name="secrets in the words of a service",
        file="shared/adapters/azure_errors.py",
        old="redacted(text).split()",
        new="text.split()",
        test="tests/adapters/test_azure_errors.py::test_no_secret_of_an_answer_is_told",
    ),
    Guard(
        name="secrets in an error that nobody foresaw",
        file="shared/workflow/import_target.py",
        old="visible(redacted(str(error)))",
        new="visible(str(error))",
        test="tests/workflow/test_import_target.py"
        "::test_what_an_error_that_nobody_foresaw_says_is_told_in_one_line_without_its_secrets",
    ),
    Guard(
        name="no words of people in a trace",
        file="shared/workflow/record_decision.py",
        old="verdict=request.verdict):\n",
        new='verdict=request.verdict, comment=request.comment or ""):\n',
        test="tests/faults/test_hostile_input.py"
        "::test_every_word_that_is_planted_stands_where_it_belongs_and_nowhere_else",
    ),
    Guard(
        name="answers of Azure ML that have another form",
        file="shared/adapters/azure_ml_http.py",
        old="    try:\n        yield\n    except CONFUSED as error:",
        new="    try:\n        yield\n    except MemoryError as error:",
        test="tests/adapters/test_azure_ml_answers.py::test_an_answer_of_another_form_is_not_understood",
    ),
    Guard(
        name="longest wait that is asked for",
        file="shared/adapters/azure_errors.py",
        old="    return None if asked is None else min(asked, LONGEST_WAIT)\n",
        new="    return asked\n",
        test="tests/adapters/test_azure_ml_answers.py::test_a_service_is_asked_again_within_a_day_whatever_it_asks_for",
    ),
    Guard(
        name="reasons of one message",
        file="shared/domain/model_events.py",
        old='    return " ".join([*reasons[:_REASONS_TOLD], *rest])\n',
        new='    return " ".join([*reasons, *rest])\n',
        test="tests/workflow/test_replay_quarantined.py"
        "::test_of_endless_faults_the_first_twenty_are_told_and_how_many_more",
    ),
    Guard(
        name="halves of surrogate pairs in what is read",
        file="shared/domain/well_formed.py",
        old="    if text.isascii() or not _HALF.search(text):\n",
        new="    if True:\n",
        test="tests/workflow/test_odd_texts.py::test_half_of_a_pair_is_judged_like_any_other_text",
    ),
)
