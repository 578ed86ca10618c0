from __future__ import annotations

import pytest

from extract.model import Scope
from extract.report.scope import decide_scope


@pytest.mark.parametrize(
    ("agency", "text", "scope"),
    [
        ("示例市人民政府办公室", "全区各级行政机关共受理申请3件。", Scope.OFFICE),
        ("上海市人民政府办公厅", "", Scope.OFFICE),
        ("宁波国家高新区(新材料科技城)管委会办公室", "", Scope.OFFICE),
        ("示例市水利局", "我市水利工作。", Scope.DEPARTMENT),
        ("示例市人民政府国有资产监督管理委员会", "", Scope.DEPARTMENT),
        ("示例市城市管理委员会", "", Scope.DEPARTMENT),
        ("示例市人民政府外事办公室", "", Scope.DEPARTMENT),
        ("示例市人民防空办公室", "", Scope.DEPARTMENT),
        ("中共示例市委机构编制委员会办公室", "", Scope.DEPARTMENT),
        ("中共示例市委办公室", "", Scope.OFFICE),
        ("示例风景名胜区管理委员会办公室", "", Scope.OFFICE),
        ("示例风景名胜区管理委员会", "全区共受理政府信息公开申请3件。", Scope.REGION),
        ("示例市卫生健康委员会", "", Scope.DEPARTMENT),
        ("示例省教育厅", "", Scope.DEPARTMENT),
        ("示例镇人民政府", "全镇各部门。", Scope.OFFICE),
        ("示例街道办事处", "", Scope.OFFICE),
        ("示例区人民政府", "2020年,全区各级行政机关共受理政府信息公开申请件773件。", Scope.REGION),
        ("示例市人民政府", "全市共受理政府信息公开申请 3119 件。", Scope.REGION),
        ("示例区人民政府", "本机关共收到申请3件。", Scope.OFFICE),
        ("示例区人民政府", "公开工作有序。", None),
        ("某某", "公开工作有序。", None),
        (None, "全区各级行政机关", None),
    ],
)
def test_scope_by_name_and_words(agency: str | None, text: str, scope: Scope | None) -> None:
    assert decide_scope(agency, None, text)[0] is scope


def test_evidence_quotes_the_words() -> None:
    evidence = decide_scope("示例市人民政府", None, "加强领导。2024年，全市共受理政府信息公开申请3件，答复3件。")[1]
    assert evidence is not None
    assert "全市共受理政府信息公开申请3件" in evidence
    assert "加强领导" not in evidence
