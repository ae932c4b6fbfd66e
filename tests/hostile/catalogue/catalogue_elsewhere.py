"""Rows of the catalogue whose surface is no probe of a device: which test holds each, or why there is none yet."""

from __future__ import annotations

from collections.abc import Mapping

_INVENTORY = "tests/inventory/test_inventory_hostile.py::"
_INVALID = "tests/inventory/test_inventory_invalid.py::test_a_wrong_inventory_is_refused_with_exactly_these_mistakes"
_SECRETS = "tests/inventory/test_inventory_secrets.py::"
_TLS = "tests/tls/test_tls_onvif.py::"
_METRICS = "tests/metrics/test_hostile_labels.py::"
_PAGES = "tests/web/test_server.py::"
_STATUS = "tests/web/test_status.py::"

#: Code and what is done: the test that holds it.
ELSEWHERE: Mapping[str, str] = {
    "S5-Counter32 and TimeTicks that wrap": "tests/probes/test_snmp_vitals.py::test_an_uptime_that_wraps_is_no_reboot",
    "S6-v3: unknown engines, reports, time windows": "tests/hostile/test_hostile_snmp_v3.py::test_an_attack_over_v3",
    "S6-v3: messages with a few bytes changed": "tests/hostile/test_hostile_snmp_v3.py::test_thousands_of_broken_messages",
    "S1-a flood of answers to nobody": "tests/hostile/test_hostile_snmp.py::test_a_flood_longer_than_the_deadline",
    "S8-traps without end": "tests/probes/test_traps.py::test_s8_a_flood_is_read_in_portions",
    "S8-traps in another's name": "tests/probes/test_traps.py::test_s8_a_device_is_asked_once_a_minute_whatever_is_forged_in_its_name",
    "N1-a resolver that fails": "tests/hostile/test_own_faults.py::test_a_resolver_that_fails",
    "N1-another name turned to our address": _PAGES + "test_another_name_is_not_answered",
    "I1-two cameras with one address": _INVALID,
    "I2-another serial": "tests/identity/test_credit.py::test_another_serial_takes_back_all_since_the_last_proof",
    "I2-a serial that says nothing": "tests/identity/test_recognition.py::test_a_serial_that_says_nothing_is_none",
    "T1-self-signed, expired, of another host or authority": _TLS
    + "test_t1_a_certificate_that_no_authority_vouches_for",
    "T1-another certificate than the pinned one": _TLS + "test_t1_another_certificate_than_the_pinned_one",
    "T1-a certificate that changed": _TLS + "test_first_use",
    "T1-TLS 1.0 and 1.1": _TLS + "test_t1_old_tls_is_measured_and_carries_no_login",
    "T1-a chain of 64 KB": _TLS + "test_t1_a_chain_of_64_kb",
    "T1-a stall within the handshake": _TLS + "test_t1_a_stall_within_the_handshake",
    "T1-a handshake byte by byte": _TLS + "test_t1_a_handshake_byte_by_byte",
    "R4-from rtsps to rtsp": "tests/tls/test_tls_rtsp.py::test_rtsps_is_never_spoken_in_the_clear",
    "H9-Basic where a digest was taken before": _TLS + "test_h9_basic_where_a_digest_was_taken_before",
    "C1-duplicate keys, tabs, tags, traps of YAML": _INVALID,
    "C1-bombs of aliases, depth and length": _INVENTORY + "test_a_bomb_is_refused_soon_and_in_bounded_memory",
    "C1-100 MB": _INVENTORY + "test_a_file_larger_than_the_limit_is_not_read",
    "C1-a mark of byte order": _INVENTORY + "test_a_mark_of_utf_8_is_no_part_of_the_first_word",
    "C2-formulas in the cells of others": "tests/reports/test_pack.py::test_no_cell_begins_a_formula",
    "C2-other encodings, NULs": _INVENTORY + "test_a_file_that_is_not_utf_8_text_is_one_clear_mistake",
    "C2-duplicate ids": _INVALID,
    "C3-a file half written": _INVENTORY + "test_a_valid_file_with_a_piece_cut_or_put_in_loads_or_is_refused",
    "C3-a wrong inventory while running": "tests/cli/test_cli_run.py::test_mistakes_of_a_reload",
    "C3-cameras that leave": "tests/cli/test_cli_run.py::test_another_inventory",
    "C4-a path that leads out": _SECRETS + "test_a_path_does_not_lead_out_by_dots",
    "C4-a link": _SECRETS + "test_a_link_to_a_secret_is_followed_and_its_target_judged",
    "C4-a secret that others can read": _SECRETS + "test_a_secret_that_others_can_read_or_change_is_none",
    "M1-labels": _METRICS + "test_hostile_models_stay_values",
    "M1-labels, as promtool reads them": _METRICS + "test_promtool_accepts_hostile_models",
    "M2-lines of a log": "tests/hostile/test_hostile_secrets.py::test_a_device_writes_no_line_of_its_own_into_the_log",
    "M3-markup in names, models, replies": _PAGES + "test_hostile_names_are_text_and_nothing_else",
    "M3-the same in a browser": "tests/web/test_wallboard.py::test_hostile_names_stay_names",
    "M3-markup in papers": "tests/paper/test_pdf.py::test_no_text_is_markup",
    "M3-markup in reports": "tests/paper/test_paper_page.py::test_what_others_wrote_is_shown_and_does_nothing",
    "M4-a thousand scrapers": _STATUS + "test_scrapes_at_once_are_bounded",
    "M4-a scraper who does not read": _STATUS + "test_a_scraper_who_does_not_read_is_left",
    "M4-a scrape while a page is rendered": _STATUS + "test_metrics_never_hold_the_loop",
    "M5-paths that climb": _PAGES + "test_only_our_own_files_are_served",
    "M5-asking a camera that is none of ours": "tests/web/test_probing.py::test_a_camera_that_is_not_there",
    "M5-asking by a stranger": "tests/web/test_probing.py::test_only_operators_may_ask",
    "M6-a signature that is old or another's": "tests/orders/test_alerting.py::test_a_signature_is_as_good_as_the_token_while_it_is_fresh",
    "M6-without a token": "tests/orders/test_alerting.py::test_nobody_else_may_send",
    "M6-bodies that are no alerts": "tests/orders/test_alerting.py::test_whatever_bytes_come_they_are_alerts_or_a_sentence",
}

#: Codes without a surface in the product, wholly or in part: what is missing, and why nothing can be tried.
ABSENT: Mapping[str, str] = {
    "D1": "there is no discovery yet: nothing listens to ProbeMatches",
    "D2": "there is no discovery yet; the addresses of GetServices are H13",
    "D3": "there is no discovery yet",
    "N1": "a name is resolved by the system for each connection; how long, and to how many addresses, is the system's",
}
