"""
Words in which registers write opening hours, by language: patterns of regular expressions.

Texts are compared in lower case, without accents, in normal width. A word is here only if it
has one meaning in its language: German `werktags` (with Saturday or without?) is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Words:
    """
    What a language calls days, months and all else; empty patterns are words it lacks.

    Attributes
    ----------
    days
        From Monday on.
    months, seasons
        From January, and from spring on.
    sets
        Words for several days: `every`, `working`, `weekend`, `public`, `school` (holidays).
    before
        Words before a time that say which part of the day is meant: its first and last hour.
    alone
        Words that mean `always` where no hours are stated, and `every` day where they are.
    unit
        What stands between hours and minutes, or after hours.
    exact_unit
        Whether the unit is written with a day of 24 hours only.
    """

    days: tuple[str, ...]
    months: tuple[str, ...] = ()
    seasons: tuple[str, ...] = ("", "", "", "")
    sets: dict[str, str] = field(default_factory=dict)
    always: str = ""
    alone: str = ""
    closed: str = ""
    other: str = ""
    to: str = ""
    join: str = ""
    noon: str = ""
    midnight: str = ""
    next_day: str = ""
    later: str = ""
    filler: str = ""
    unit: str = ""
    exact_unit: bool = False
    half_past: str = ""
    before: dict[str, tuple[int, ...]] = field(default_factory=dict)
    month_number: str = ""
    day_number: str = ""


_CHINESE_WEEK = r"(?:周|星期|礼拜|禮拜|週)"

ENGLISH = Words(
    days=(
        r"mo(?:n(?:days?)?)?",
        r"tu(?:e(?:s(?:days?)?)?)?",
        r"we(?:d(?:s|nesdays?)?)?",
        r"th(?:u(?:rs?|rsdays?)?)?",
        r"fr(?:i(?:days?)?)?",
        r"sa(?:t(?:urdays?)?)?",
        r"su(?:n(?:days?)?)?",
    ),
    months=(
        *(r"jan(?:uary)?", r"feb(?:ruary)?", r"mar(?:ch)?", r"apr(?:il)?", r"may", r"june?"),
        *(r"july?", r"aug(?:ust)?", r"sept?(?:ember)?", r"oct(?:ober)?"),
        *(r"nov(?:ember)?", r"dec(?:ember)?"),
    ),
    seasons=(r"spring", r"summer", r"autumn|fall", r"winter"),
    sets={
        "every": r"daily|every ?day|each day|all days|(?:7|seven) days(?: (?:a|per) week)?",
        "working": r"week ?days?|working days",
        "weekend": r"week-?ends?",
        "public": r"(?:(?:public|bank|national|federal|legal) )?holidays?|ph",
        "school": r"school holidays?|sh",
    },
    always=r"(?:open )?24 ?-?(?:hours?|hrs?|h)(?: (?:a|per) day| daily|/day)?|always(?: open)?"
    r"|all day(?: long)?|round the clock",
    closed=r"closed|off|shut",
    other=r"(?:except|excluding)(?: on| for)?",
    to=r"to|until|till?|through|thru",
    join=r"and|&",
    noon=r"(?:12 ?)?(?:noon|midday)",
    midnight=r"(?:12 ?)?midnight",
    next_day=r"(?:the )?(?:next|following) (?:day|morning)",
    later=r"open later seasonally",
    filler=r"open(?:ing)?(?: (?:hours|times?))?|hours|times?|from|on|the|is|are|hrs?|only|o'?clock",
    unit=r"h(?:rs?)?",
)
GERMAN = Words(
    days=(
        r"mo(?:ntags?)?",
        r"di(?:enstags?)?",
        r"mi(?:ttwochs?)?",
        r"do(?:nnerstags?)?",
        r"fr(?:eitags?)?",
        r"sa(?:mstags?)?|sonnabends?",
        r"so(?:nntags?)?",
    ),
    months=(
        *(r"jan(?:uar)?", r"feb(?:ruar)?", r"marz|maerz|mrz", r"apr(?:il)?", r"mai", r"juni?"),
        *(r"juli?", r"aug(?:ust)?", r"sept?(?:ember)?", r"okt(?:ober)?"),
        *(r"nov(?:ember)?", r"dez(?:ember)?"),
    ),
    seasons=(r"fruhling|fruhjahr", r"sommer", r"herbst", r"winter"),
    sets={
        "every": r"taglich|jeden tag|alle tage|(?:7|sieben) tage(?: (?:die|pro) woche)?",
        "weekend": r"wochenenden?",
        "public": r"(?:(?:an )?gesetzlichen? )?(?:feiertage?n?|feiertags)",
        "school": r"schulferien",
    },
    always=r"(?:durchgehend )?24 ?(?:stunden|std\.?|h)(?: (?:am|pro) tag| taglich)?"
    r"|rund um die uhr|ganztagig",
    closed=r"geschlossen|ruhetag",
    other=r"ausser(?: an)?",
    to=r"bis(?: zum)?",
    join=r"und|u\.?|sowie",
    midnight=r"mitternacht",
    next_day=r"(?:am )?(?:nachsten|folgenden) (?:tag|morgens?)|(?:des )?folgetage?s",
    filler=r"uhr|geoffnet|offnungszeiten|offen|von|vom|am|an|im|jeweils|nur|ist|den",
    unit=r"uhr|h",
)
FRENCH = Words(
    days=(
        r"lun?(?:dis?)?",
        r"mar?(?:dis?)?",
        r"mer?(?:credis?)?",
        r"jeu?(?:dis?)?",
        r"ven?(?:dredis?)?",
        r"sam?(?:edis?)?",
        r"dim?(?:anches?)?",
    ),
    months=(
        *(r"janv?(?:ier)?", r"fevr?(?:ier)?", r"mars", r"avr(?:il)?", r"mai", r"juin"),
        *(r"juil(?:let)?", r"aout", r"sept?(?:embre)?", r"oct(?:obre)?"),
        *(r"nov(?:embre)?", r"dec(?:embre)?"),
    ),
    seasons=(r"printemps", r"ete", r"automne", r"hiver"),
    sets={
        "every": r"tous les jours|quotidien(?:nement)?|chaque jour"
        r"|7 ?(?:j|jours)? ?(?:/|sur) ?7(?: ?j(?:ours)?)?",
        "weekend": r"week-?ends?",
        "public": r"(?:jours? )?feries?",
        "school": r"vacances scolaires",
    },
    always=r"24 ?h(?:eures?)? ?(?:/|sur) ?24(?: ?h(?:eures?)?)?|24 ?h(?:eures?)?"
    r"|jour et nuit|en permanence",
    closed=r"fermee?s?|fermeture",
    other=r"sauf(?: les?)?|excepte(?: les?)?|hors",
    to=r"a|au|jusqu'?(?:a|au)",
    join=r"et",
    noon=r"midi",
    midnight=r"minuit",
    next_day=r"(?:le )?lendemain(?: matin)?",
    filler=r"ouvert(?:e|s|es|ure)?|horaires?(?: d'ouverture)?|de|du|des|les?|la|en|heures?",
    unit=r"h(?:eures?)?",
    exact_unit=True,
)
SPANISH = Words(
    days=(
        r"lun?(?:es)?",
        r"mar?(?:tes)?",
        r"mi(?:e(?:rcoles)?)?|mier",
        r"jue?(?:ves)?",
        r"vie?(?:rnes)?",
        r"sab?(?:ados?)?",
        r"dom?(?:ingos?)?",
    ),
    months=(
        *(r"ene(?:ro)?", r"feb(?:rero)?", r"marzo", r"abr(?:il)?", r"mayo", r"jun(?:io)?"),
        *(r"jul(?:io)?", r"ago(?:sto)?", r"sept?(?:iembre)?|setiembre", r"oct(?:ubre)?"),
        *(r"nov(?:iembre)?", r"dic(?:iembre)?"),
    ),
    seasons=(r"primavera", r"verano", r"otono", r"invierno"),
    sets={
        "every": r"todos los dias|diari(?:o|amente)|cada dia"
        r"|(?:7|siete) dias(?: (?:a|de) la semana)?",
        "weekend": r"fin(?:es)? de semana",
        "public": r"(?:dias )?(?:festivos?|feriados?)",
        "school": r"vacaciones escolares",
    },
    always=r"(?:las )?24 ?(?:horas|hrs?|hs?)(?: (?:al|del) dia)?|todo el dia",
    closed=r"cerrad[oa]s?",
    other=r"(?:excepto|salvo|menos)(?: los?)?",
    to=r"a|hasta|al",
    join=r"y",
    noon=r"(?:12 )?(?:del )?mediodia",
    midnight=r"(?:12 )?(?:de la )?medianoche",
    next_day=r"(?:del )?dia siguiente",
    filler=r"abiert[oa]s?|horarios?(?: de apertura)?|de|del|desde|las?|los|el|en|horas|hrs?|hs",
    unit=r"h(?:oras|rs?|s)?",
)
DUTCH = Words(
    days=(
        r"ma(?:andag(?:en)?)?",
        r"di(?:nsdag(?:en)?)?",
        r"wo(?:ensdag(?:en)?)?",
        r"do(?:nderdag(?:en)?)?",
        r"vr(?:ijdag(?:en)?)?",
        r"za(?:terdag(?:en)?)?",
        r"zo(?:ndag(?:en)?)?",
    ),
    months=(
        *(r"jan(?:uari)?", r"feb(?:ruari)?", r"maart|mrt", r"apr(?:il)?", r"mei", r"juni?"),
        *(r"juli?", r"aug(?:ustus)?", r"sept?(?:ember)?", r"okt(?:ober)?"),
        *(r"nov(?:ember)?", r"dec(?:ember)?"),
    ),
    seasons=(r"lente|voorjaar", r"zomer", r"herfst|najaar", r"winter"),
    sets={
        "every": r"dagelijks|(?:elke|iedere) dag|alle dagen"
        r"|(?:7|zeven) dagen(?: (?:per|in de) week)?",
        "working": r"(?:alle )?(?:werk|week)dagen|doordeweeks",
        "weekend": r"weekend(?:en)?",
        "public": r"(?:(?:officiele|nationale) )?feestdagen",
        "school": r"schoolvakanties?",
    },
    always=r"24 ?u(?:ur|ren)?(?: (?:per|op een) dag)?|dag en nacht",
    closed=r"gesloten|dicht",
    other=r"behalve(?: op)?|uitgezonderd",
    to=r"tot(?: en met)?|t/m|t\.m\.",
    join=r"en",
    midnight=r"middernacht",
    next_day=r"(?:de )?volgende (?:dag|ochtend|morgen)",
    filler=r"geopend|open(?:ingstijden)?|van|op|in|het|de|uur|alleen|is|om",
    unit=r"u(?:ur)?|h",
)
CHINESE = Words(
    days=tuple(
        f"{_CHINESE_WEEK}{day}|{day[0] if len(day) == 1 else day}"
        for day in ("一", "二", "三", "四", "五", "六", "[日天]")
    ),
    seasons=(r"春[季天]?", r"夏[季天令]?", r"秋[季天]?", r"冬[季天令]?"),
    sets={
        "every": r"每[天日]|天天|(?:全年|年中)[无無]休|全年(?:[开開]放)?"
        rf"|每{_CHINESE_WEEK}(?:7|七)天|{_CHINESE_WEEK}(?:7|七)天",
        "working": r"工作日|平日",
        "weekend": r"[周週]末|[双雙]休日",
        "public": r"(?:法定|[国國]定)[节節]?假日|[节節]假日|公[众眾]假期",
        "school": r"寒暑假",
    },
    always=r"(?:24|二十四) ?个?(?:小[时時]|[时時])(?:[开開]放|服[务務]|[营營][业業]|全天候?)*"
    r"|全天候?(?:24小[时時])?(?:[开開]放)?|全日(?:[开開]放)?|[终終]日(?:[开開]放)?|[昼晝]夜(?:[开開]放)?",
    alone=r"常年(?:[开開]放)?",
    closed=r"休息|公休|休[馆館园園业業市]|[闭閉][馆館园園]|[关關][闭閉门門]|不[开開]放|[关關][馆館]|除外",
    other=r"除",
    to=r"至|到",
    join=r"和|及|以及|[与與]",
    noon=r"正午",
    midnight=r"午夜|零[点點时時]",
    next_day=r"次日|翌日|隔日|第二天",
    filler=r"(?:[开開]放|[营營][业業]|[开開][馆館园園]|服[务務]|使用)(?:[时時][间間])?|[时時][间間]|段",
    unit=r"[点點时時]",
    half_past=r"半",
    before={
        r"凌晨": (0, 6),
        r"上午": (4, 12),
        r"清晨|早上|早晨|早": (4, 11),
        r"中午": (11, 14),
        r"下午": (12, 19),
        r"傍晚": (16, 20),
        r"晚上|晚[间間]|晚|夜[间間里裡]?": (17, 24),
    },
    month_number=r"月(?:份)?",
    day_number=r"[日号號]",
)
JAPANESE = Words(
    days=tuple(f"{day}(?:曜日?)?" for day in "月火水木金土日"),
    seasons=(r"春[季期]?", r"夏[季期]?", r"秋[季期]?", r"冬[季期]?"),
    sets={
        "every": r"毎日|年中無休|無休",
        "working": r"平日",
        "weekend": r"週末",
        "public": r"祝祭?日|祭日|祝",
    },
    always=r"24 ?時間(?:営業|開放|利用可能?|使用可能?)?|終日(?:営業|開放|利用可能?|使用可能?)?"
    r"|常時(?:営業|開放|利用可能?)?",
    closed=r"休[館業園]日?|定休日?|閉[館鎖園]|休み?",
    to=r"から",
    join=r"・|及び|および|と",
    noon=r"正午",
    next_day=r"翌日?",
    filler=r"(?:営業|開[館放園]|利用|使用)(?:可能)?(?:時間)?|時間|まで|は|に|の",
    unit=r"時",
    half_past=r"半",
    before={r"午前": (0, 11), r"午後": (12, 23), r"深夜": (22, 26)},
    month_number=r"月",
    day_number=r"日",
)
KOREAN = Words(
    days=tuple(f"{day}(?:요일)?" for day in "월화수목금토일"),
    seasons=(r"봄", r"여름(?:철)?|하절기", r"가을", r"겨울(?:철)?|동절기"),
    sets={
        "every": r"매일|연중무휴",
        "working": r"평일",
        "weekend": r"주말",
        "public": r"(?:법정)?공휴일",
    },
    always=r"(?:상시|24 ?시간|종일|항시) ?(?:개방|운영|이용)?",
    closed=r"휴무일?|휴관일?|미개방|휴점",
    to=r"부터|에서",
    join=r"및",
    noon=r"정오",
    midnight=r"자정",
    next_day=r"익일|다음 ?날",
    filler=r"(?:개방|운영|영업|이용) ?(?:시간)?|시간|까지",
    unit=r"시",
    half_past=r"반",
    before={
        r"오전": (1, 11),
        r"오후": (12, 23),
        r"새벽": (1, 6),
        r"아침": (5, 10),
        r"저녁": (17, 23),
    },
    month_number=r"월",
    day_number=r"일",
)
LANGUAGES = (ENGLISH, GERMAN, FRENCH, SPANISH, DUTCH, CHINESE, JAPANESE, KOREAN)
