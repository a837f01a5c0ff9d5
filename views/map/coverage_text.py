"""What the Coverage page says in words: the finding, what to bear in mind, what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.access.land import WHOLE
from analysis.coverage.figures import NETWORK
from analysis.model.figures import DENSITY_M2
from analysis.model.standards import BUILT_UP
from maps.coverage import beyond_reach, is_band
from views import cache
from views.controls.questions import measure_notes
from wording.names import reach_text, unjudged_text

if TYPE_CHECKING:
    from analysis.coverage.assessment import Assessment
    from analysis.model.standards import Rule
    from views.controls.screen import Screen

WORST = 3


def finding(screen: Screen, result: Assessment, rows: pd.DataFrame, rule: Rule) -> str:
    """Say in a sentence how many communities meet the rule, and whom it leaves out."""
    whole = result.summary[result.summary["level"] == "city"].iloc[0]
    facts = {
        "meets": screen.translate.count(whole["meets"]),
        "n": screen.translate.count(whole["communities"]),
        "rule": screen.translate.of(rule.title),
        "unjudged": unjudged_text(screen.translate, whole["cannot_judge"]),
    }
    out = beyond_reach(rows)
    unknown = int(rows["population"].isna().sum())
    if not rule.figure.needs_radius or out.isna().all() or (unknown and round(out.sum()) == 0):
        return screen.translate.markdown("coverage.sentence_plain", **facts)
    facts["reach"] = reach_text(screen.translate, rule.service_radius_m or 0, whole["measure"])
    doubt = round(float(whole["population_not_judged"])) if is_band(rows) else 0
    facts["perhaps"] = (
        screen.translate("coverage.perhaps", count=screen.translate.count(doubt)) if doubt else ""
    )
    if round(out.sum()) == 0:
        word = "coverage.sentence_none_surely" if doubt else "coverage.sentence_all"
        return screen.translate.markdown(word, **facts)
    worst = out[out.round() > 0].nlargest(WORST)
    places = worst_places(screen, rows.loc[worst.index], worst)
    return screen.translate.markdown(
        "coverage.sentence", out=screen.translate.count(out.sum()), places=places, **facts
    )


def cautions(screen: Screen, result: Assessment, rows: pd.DataFrame, rule: Rule) -> list[str]:
    """Say what to bear in mind with the figures."""
    translate = screen.translate
    lines = [*measure_notes(screen, [rule]), *_walking_lines(screen, result, rule)]
    unjudged = rows[rows["verdict"] == "cannot_judge"]
    if len(unjudged):
        between = translate("asked.and")
        reasons = between.join(
            translate(f"reason.{reason}") for reason in unjudged["reason"].unique()
        )
        lines.append(
            translate.markdown(
                "coverage.not_judged", count=translate.count(len(unjudged)), reasons=reasons
            )
        )
    if rule.figure.needs_radius and rows["population_basis"].iloc[0] != "residents":
        lines.append(translate(f"coverage.basis_{rows['population_basis'].iloc[0]}"))
    lines += _land_lines(screen, rows, rule)
    nobody_counted = int(rows["population"].isna().sum())
    if rule.figure.needs_radius and nobody_counted:
        counts = {"unknown": translate.count(nobody_counted), "n": translate.count(len(rows))}
        lines.append(translate("coverage.people_unknown", **counts))
    facilities = screen.city.facilities
    unknown = ((facilities["kind"] == rule.kind) & (facilities["status"] == "unknown")).sum()
    if unknown:
        lines.append(translate("coverage.unknown_status", count=translate.count(unknown)))
    if screen.choice.radius and screen.rule is not None:
        lines.append(
            translate(
                "coverage.own_radius",
                standard=translate.metres(screen.rule.stated.service_radius_m or 0),
                radius=translate.metres(rule.service_radius_m or 0),
            )
        )
    return lines


def _land_lines(screen: Screen, rows: pd.DataFrame, rule: Rule) -> list[str]:
    """Tell what the areas are of."""
    first, lines = rows.iloc[0], []
    straight = rule.service_radius_m is not None and first["measure"] != NETWORK
    if straight and first["area_basis"] != WHOLE:
        lines.append(screen.translate(f"coverage.area_{first['area_basis']}"))
    if straight and rule.land and first["area_basis"] != BUILT_UP:
        lines.append(screen.translate("coverage.area_no_layer"))
    if rule.figure.denominator == DENSITY_M2:
        lines.append(screen.translate(f"coverage.density_{first['density_basis']}"))
    return lines


def _walking_lines(screen: Screen, result: Assessment, rule: Rule) -> list[str]:
    """Tell how walking compares with the straight line, and for whom nothing is known."""
    whole = result.summary[result.summary["level"] == "city"].iloc[0]
    if whole["measure"] != NETWORK:
        return []
    translate, lines = screen.translate, []
    if pd.notna(whole["straight_covered_share"]):
        counts = {"meets": translate.count(whole["straight_meets"])}
        share = translate.share(whole["straight_covered_share"])
        lines.append(translate("coverage.straight_bound", share=share, **counts))
    if pd.notna(whole["detour_ratio"]):
        ratio, leg = (
            translate.decimal(whole["detour_ratio"], digits=2),
            translate.metres(whole["mean_leg_m"]),
        )
        lines.append(translate("coverage.detour", ratio=ratio, leg=leg))
    counts = {"no_streets": "population_without_streets", "unreachable": "population_unreachable"}
    lines += [
        translate(f"coverage.{word}", count=translate.count(whole[column]))
        for word, column in counts.items()
        if whole[column] > 0
    ]
    unjudged = whole["population_not_judged"]
    if unjudged > 0:
        doubt = cache.preparation(screen.choice.supply_filter).supply[rule.kind].upper is not None
        word = "coverage.walk_doubt" if doubt else "coverage.walk_unjudged"
        radius = translate.metres(rule.service_radius_m or 0)
        lines.append(translate(word, unjudged=translate.count(unjudged), radius=radius))
    return lines


def worst_places(screen: Screen, rows: pd.DataFrame, out: pd.Series[float]) -> str:
    """Name places with how many people each leaves out."""
    return screen.translate("paper.between").join(
        screen.translate("coverage.people_of", place=name, n=screen.translate.count(people))
        for name, people in zip(rows["community"], out, strict=True)
    )
