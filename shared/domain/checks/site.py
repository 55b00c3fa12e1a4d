"""Whether the app answers as this version does, and lets nobody in who has not signed in."""

from collections.abc import Iterator

from shared.domain.azure_facts import AppHealth, PageAnswer
from shared.domain.checks.commands import get, set_setting
from shared.domain.checks.finding import Finding, Unseen, finding

_REFUSALS = frozenset({401, 403})
_ELSEWHERE = frozenset({301, 302, 303, 307, 308})


def judge_app(url: str, health: AppHealth | Unseen, version: str) -> list[Finding]:
    """Judge what /api/health says; `version` is this command's."""
    command = get(f"{url}/api/health")
    if isinstance(health, Unseen):
        return [_absent(url, health, command)]
    if health.faults:
        return [finding("app_settings_faulty", url, fault, command) for fault in health.faults]
    amiss = list(_amiss(url, health, version, command))
    said = f"Version {health.version} answers, and so do all its {len(health.ports)} ports."
    return amiss or [finding("app_answers", url, said)]


def judge_sign_in(url: str, client_id: str | None, page: PageAnswer | Unseen) -> list[Finding]:
    """Judge how a page is answered to nobody in particular; `client_id` is that of the app registration."""
    found = []
    if client_id is None:
        said = "CLEARANCE_CLIENT_ID is not set: nobody can sign in, and webhooks alone are taken."
        found.append(finding("sign_in_not_configured", url, said, set_setting("CLEARANCE_CLIENT_ID")))
    if isinstance(page, Unseen):
        said = "How a page is answered without sign-in could not be seen."
        found.append(finding("sign_in_unseen", url, said, get(f"{url}/"), unseen=page))
    elif page.status < 300:
        said = f"{url}/ was answered {page.status} without sign-in; expected 401, 403, or a way to sign in."
        found.append(finding("page_open_to_anybody", url, said, get(f"{url}/")))
    elif page.status not in _REFUSALS and page.status not in _ELSEWHERE:
        said = f"{url}/ was answered {page.status}, which does not tell whether sign-in is asked for."
        found.append(finding("sign_in_unseen", url, said, get(f"{url}/")))
    elif not found:
        leads = f", which leads to {page.location}" if page.location else ""
        found.append(finding("sign_in_on", url, f"Without sign-in {url}/ is answered {page.status}{leads}."))
    return found


def _absent(url: str, health: Unseen, command: str) -> Finding:
    if health.reason == "not_configured":
        said = "CLEARANCE_PUBLIC_URL could not be read, so where the app is is not known."
        return finding("app_unseen", url, said, set_setting("CLEARANCE_PUBLIC_URL"))
    if health.reason == "not_understood":
        return finding("app_is_another", url, "What answers there is not Clearance.", command, unseen=health)
    return finding("app_unreachable", url, "The app does not answer.", command, unseen=health)


def _amiss(url: str, health: AppHealth, version: str, command: str) -> Iterator[Finding]:
    if health.version != version:
        said = f"It is version {health.version}, and this command is {version}: what is checked here may differ."
        yield finding("app_version_differs", url, said, "azd deploy")
    for port in health.ports:
        if not port.ok:
            said = f"Its port {port.name} does not answer: {port.explanation}"
            yield finding("port_does_not_answer", url, said, command)
