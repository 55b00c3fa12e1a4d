"""Guards of who sends: signatures and ids of webhooks, tokens of people and workloads, roles, workspaces."""

from local.mutants.mutant import Guard

_SIGNATURES = "shared/web/signatures.py"
_WEBHOOKS = "shared/web/webhooks.py"
_ENTRA = "shared/adapters/entra_identity.py"
_ACCESS = "shared/web/access.py"
_SIGNED = "tests/web/test_signatures.py"
_SENT = "tests/web/test_webhooks.py"
_TOKENS = "tests/adapters/test_entra_identity.py"
_HELD = f"{_TOKENS}::test_a_token_that_does_not_hold_is_refused"
_REACH = "tests/web/test_access.py"
_OPTIONS = '                options={"require": ["exp", "iss", "aud", "tid", "oid"]},\n'
_SAME = '    same = fetched_from == "same-origin" if fetched_from is not None else _origin(base_url) == origin\n'


def _without_check(check: str) -> str:
    return _OPTIONS.replace("{", f'{{"{check}": False, ')


SENDER_GUARDS = (
    Guard(
        name="signature",
        file=_SIGNATURES,
        old="    return webhook if signed and timely and keys else None\n",
        new="    return webhook if timely and keys else None\n",
        test=f"{_SIGNED}::test_a_changed_bit_anywhere_in_the_body_proves_nothing",
    ),
    Guard(
        name="signature time window",
        file=_SIGNATURES,
        old="    return webhook if signed and timely and keys else None\n",
        new="    return webhook if signed and keys else None\n",
        test=f"{_SIGNED}::test_a_signature_counts_for_five_minutes_to_both_sides",
    ),
    Guard(
        name="sender that nobody knows",
        file=_SIGNATURES,
        old="    return webhook if signed and timely and keys else None\n",
        new="    return webhook if signed and timely else None\n",
        test=f"{_SIGNED}::test_not_even_the_key_that_stands_in_for_an_unknown_sender_opens",
    ),
    Guard(
        name="constant-time compare",
        file=_SIGNATURES,
        old="            fits |= hmac.compare_digest(candidate, expected)\n",
        new="            fits |= candidate == expected\n",
        test="tests/architecture/test_cryptography.py::test_signatures_are_compared_in_constant_time",
    ),
    Guard(
        name="replay row before the decision",
        file=_WEBHOOKS,
        old="    earlier = site.outside.replay_ids.begin(sender, webhook, digest, site.outside.clock.now())\n",
        new="    earlier = None\n",
        test=f"{_SENT}::test_while_webhook_ids_cannot_be_kept_nothing_is_decided",
    ),
    Guard(
        name="replay row inserted, never replaced",
        file="shared/adapters/table_replay_ids.py",
        old='            self._table.insert({**_keys(sender, id), "digest": digest, "at": instant_text(at)})\n',
        new='            self._table.upsert({**_keys(sender, id), "digest": digest, "at": instant_text(at)},'
        " UpdateMode.MERGE)\n",
        test="tests/contract/test_inbox.py::test_a_webhook_id_is_new_once[azurite]",
    ),
    Guard(
        name="replay with another body",
        file=_WEBHOOKS,
        old="    if earlier is not None and earlier.digest != digest:\n",
        new="    if False:\n",
        test=f"{_SENT}::test_a_known_id_with_another_body_is_refused_and_the_first_stands",
    ),
    Guard(
        name="people of a sender",
        file=_WEBHOOKS,
        old="    if fitting[0].id not in sender.people:\n",
        new="    if False:\n",
        test=f"{_SENT}::test_a_sender_speaks_for_its_own_people_only",
    ),
    Guard(
        name="one person for a spelling",
        file=_WEBHOOKS,
        old="    if len(fitting) != 1:\n",
        new="    if not fitting:\n",
        test=f"{_SENT}::test_a_spelling_that_fits_two_people_is_never_guessed",
    ),
    Guard(
        name="service principal is no person",
        file="shared/web/decisions.py",
        old="    if person.service_principal:\n",
        new="    if False:\n",
        test=f"{_SENT}::test_a_service_principal_is_no_person",
    ),
    Guard(
        name="token signature",
        file=_ENTRA,
        old=_OPTIONS,
        new=_without_check("verify_signature"),
        test=f"{_TOKENS}::test_a_changed_claim_breaks_the_signature",
    ),
    Guard(
        name="token expiry",
        file=_ENTRA,
        old=_OPTIONS,
        new=_without_check("verify_exp"),
        test=f"{_HELD}[fields0-expired]",
    ),
    Guard(
        name="token audience",
        file=_ENTRA,
        old=_OPTIONS,
        new=_without_check("verify_aud"),
        test=f"{_HELD}[fields2-wrong_audience]",
    ),
    Guard(
        name="token issuer",
        file=_ENTRA,
        old="                issuer=self._expected.issuer,\n",
        new="",
        test=f"{_HELD}[fields3-wrong_issuer]",
    ),
    Guard(
        name="token tenant",
        file=_ENTRA,
        old="        if tid != self._expected.tenant.casefold():\n",
        new="        if False:\n",
        test=f"{_HELD}[fields4-wrong_tenant]",
    ),
    Guard(
        name="token algorithm in its header",
        file=_ENTRA,
        old='    if header.get("alg") != ALGORITHM:\n',
        new="    if False:\n",
        test=f"{_TOKENS}::test_the_public_key_is_no_shared_secret",
    ),
    Guard(
        name="token algorithm where it is verified",
        file=_ENTRA,
        old="                algorithms=[ALGORITHM],\n",
        new='                algorithms=[ALGORITHM, "HS256", "none"],\n',
        test="tests/architecture/test_cryptography.py::test_tokens_are_verified_with_one_algorithm",
    ),
    Guard(
        name="token that demands more than we know",
        file=_ENTRA,
        old='    if "crit" in header or not isinstance(kid, str) or not kid:\n',
        new="    if not isinstance(kid, str) or not kid:\n",
        test=f"{_TOKENS}::test_a_token_that_demands_what_only_our_library_knows_is_refused",
    ),
    Guard(
        name="length of a token",
        file=_ENTRA,
        old="    if len(token) > LONGEST_TOKEN:\n",
        new="    if False:\n",
        test=f"{_TOKENS}::test_a_token_that_is_too_long_is_refused_though_it_holds",
    ),
    Guard(
        name="every token of a request",
        file=_ENTRA,
        old="        found = [self._principal(token) for token in tokens]\n",
        new="        found = [self._principal(token) for token in [*tokens][:1]]\n",
        test=f"{_TOKENS}::test_one_bad_token_beside_a_good_one_is_refused",
    ),
    Guard(
        name="tokens of one person",
        file=_ENTRA,
        old="        if any((each.tid, each.oid, each.roles) !="
        " (found[0].tid, found[0].oid, found[0].roles) for each in found):\n",
        new="        if False:\n",
        test=f"{_TOKENS}::test_tokens_of_two_people_are_nobody",
    ),
    Guard(
        name="forwarded header alone",
        file=_ACCESS,
        old='    """Who sent a request, by its tokens; raises `NotAuthenticated`."""\n',
        new='    if claimed := request.headers.get("x-ms-client-principal-id"):\n'
        '        return Principal("", claimed, claimed, tuple(Role), None, False)\n',
        test=f"{_REACH}::test_what_app_service_says_in_a_plain_header_proves_nothing",
    ),
    Guard(
        name="role of a route",
        file=_ACCESS,
        old="    if not held & (rule.roles | rule.own):\n",
        new="    if False:\n",
        test=f"{_REACH}::test_a_role_reaches_its_routes_and_no_other",
    ),
    Guard(
        name="entry of every route",
        file=_ACCESS,
        old='    ("GET", "/api/history"): READING,\n',
        new="",
        test=f"{_REACH}::test_every_route_has_exactly_one_entry_in_the_table",
    ),
    Guard(
        name="own versions of a submitter",
        file=_ACCESS,
        old="    if registrant is None or visitor.known().id not in people.answerable(registrant):\n",
        new="    if False:\n",
        test=f"{_REACH}::test_a_submitter_does_not_reach_the_versions_of_others",
    ),
    Guard(
        name="workspace visibility of one promotion",
        file=_ACCESS,
        old="        if promotion.workspace not in self.workspaces:\n",
        new="        if False:\n",
        test=f"{_REACH}::test_what_a_person_may_not_see_does_not_exist_for_them",
    ),
    Guard(
        name="workspace visibility of lists",
        file="shared/web/site.py",
        old="for alias in known if not readers.get(alias) or set(readers[alias]) & set(groups)))\n",
        new="for alias in known))\n",
        test=f"{_REACH}::test_lists_hold_only_what_a_person_may_see",
    ),
    Guard(
        name="workspace visibility of a decision",
        file="shared/web/decisions.py",
        old="    if asked.workspace not in site.workspaces_of(groups):\n",
        new="    if False:\n",
        test=f"{_SENT}::test_a_promotion_that_the_person_may_not_see_does_not_exist",
    ),
    Guard(
        name="same-origin check",
        file=_ACCESS,
        old="    _refuse_cross_site(request, site.outside.base_url)\n",
        new="",
        test=f"{_REACH}::test_another_site_cannot_use_a_browsers_sign_in",
    ),
    Guard(
        name="our own origin",
        file=_ACCESS,
        old=_SAME,
        new=_SAME.replace("_origin(base_url) == origin", "origin is not None"),
        test=f"{_REACH}::test_another_site_cannot_use_a_browsers_sign_in",
    ),
    Guard(
        name="fetch metadata of a browser",
        file=_ACCESS,
        old=_SAME,
        new="    same = _origin(base_url) == origin\n",
        test=f"{_REACH}::test_another_site_cannot_use_a_browsers_sign_in",
    ),
    Guard(
        name="number of signatures",
        file=_SIGNATURES,
        old="[:_MOST_SIGNATURES]",
        new="",
        test=f"{_SIGNED}::test_of_many_signatures_the_first_sixteen_are_compared",
    ),
    Guard(
        name="grammar of a webhook's id",
        file=_SIGNATURES,
        old="    if not (_ID.fullmatch(webhook) and _SECONDS.fullmatch(seconds)):\n",
        new="    if not _SECONDS.fullmatch(seconds):\n",
        test=f"{_SIGNED}::test_a_malformed_id_or_time_proves_nothing_though_the_key_signed_it",
    ),
    Guard(
        name="grammar of a webhook's time",
        file=_SIGNATURES,
        old="    if not (_ID.fullmatch(webhook) and _SECONDS.fullmatch(seconds)):\n",
        new="    if not (_ID.fullmatch(webhook) and len(seconds) < 12 and seconds.strip().isdigit()):\n",
        test=f"{_SIGNED}::test_a_malformed_id_or_time_proves_nothing_though_the_key_signed_it",
    ),
)
