"""The classic eleven segments and a small playbook, as cards."""

from __future__ import annotations

from patron.contracts.cards import ActionCard, SchemeCard, SegmentCard

CLASSIC = (
    ("champions", "Champions", "冠军客户", "Bought lately, often, and most.", "最近买过、买得勤、花得多。", "#0072b2"),
    ("loyal", "Loyal", "忠诚客户", "Buy often and well.", "常买，花得也多。", "#009e73"),
    (
        "potential_loyalist",
        "Potential Loyalist",
        "潜力忠诚",
        "Recent, with a promising start.",
        "最近买过，势头不错。",
        "#56b4e9",
    ),
    ("new_customers", "New Customers", "新客", "Came very recently, one small order.", "刚来，一笔小单。", "#8fc9a3"),
    ("promising", "Promising", "有望客户", "Recent, but few and small orders.", "较近，单少额小。", "#b5a642"),
    (
        "need_attention",
        "Need Attention",
        "需关注",
        "Middling in everything, and cooling.",
        "各方面中等，正在变冷。",
        "#e69f00",
    ),
    ("about_to_sleep", "About to Sleep", "即将沉睡", "Few orders, and not lately.", "单少，且有一阵没来。", "#c9a27e"),
    (
        "at_risk",
        "At Risk",
        "流失风险",
        "Were good customers; have not come for long.",
        "曾是好客户，久未下单。",
        "#d55e00",
    ),
    (
        "cant_lose",
        "Can't Lose Them",
        "不可流失",
        "Were among the best; have not come for long.",
        "曾是最好的客户，久未下单。",
        "#a3302a",
    ),
    ("hibernating", "Hibernating", "沉睡客户", "Few orders, long ago.", "单少，很久以前。", "#7f8fa3"),
    ("lost", "Lost", "已流失", "One small order, very long ago.", "很久以前的一笔小单。", "#8c8c8c"),
)
SCHEME = SchemeCard(
    "classic11-1",
    "Classic 11",
    "经典 11 类",
    "eleven segments read off the two scores, from Champions to Lost.",
    "由两个分数读出的十一个分层，从冠军客户到已流失。",
    tuple(SegmentCard(*card, order) for order, card in enumerate(CLASSIC)),
)
ACTIONS = (
    ActionCard(
        "win_back_vip",
        "Win back the best",
        "挽回最好的客户",
        "phone",
        "a personal call",
        "亲自致电",
        6.0,
        "Key accounts",
    ),
    ActionCard("win_back", "Win back", "唤回", "email", "15% off the next order", "下一单 85 折", 1.2, "CRM"),
    ActionCard(
        "second_order",
        "Second order",
        "促成第二单",
        "email",
        "free postage on the second order",
        "第二单包邮",
        0.8,
        "CRM",
    ),
    ActionCard(
        "thank", "Thank and keep", "感谢并留住", "letter", "early access to new goods", "新品优先购", 2.5, "Brand"
    ),
)
