"""Questions as HTML, which can be read without a script; _assets/questions.js makes it answer."""


def visit_question(self, node):
    uid, kind = self.attval(node["uid"]), node["kind"]
    self.body.append(
        f'<div class="asking {kind}" id="q-{uid}" data-name="{self.attval(node["name"])}" '
        f'data-version="{node["version"]}">\n<fieldset aria-labelledby="q-{uid}-title q-{uid}-prompt">\n'
        f'<legend id="q-{uid}-title">{self.encode(node["title"])}</legend>\n'
    )


def depart_question(self, node):
    if node["kind"] == "prediction":
        uid = self.attval(node["uid"])
        self.body.append(
            f'</fieldset>\n<p class="later"><span class="choose">Choose one before you read on.</span> '
            f"The answer comes "
            f'<a href="#q-{uid}-answer">later on this page</a>.</p>\n'
        )
    self.body.append("</div>\n")


def visit_prompt(self, node):
    self.body.append(f'<div class="prompt" id="q-{self.attval(node.parent["uid"])}-prompt">\n')


def depart_div(self, node):
    self.body.append("</div>\n")


def visit_choice(self, node):
    uid = self.attval(node.parent["uid"])
    self.body.append(
        f'<div class="option"><input type="radio" name="q-{uid}" id="q-{uid}-{node["number"]}" '
        f'value="{node["number"]}" autocomplete="off"><label for="q-{uid}-{node["number"]}">'
        f'<span class="letter">{node["letter"]}</span> <span>'
    )


def depart_choice(self, node):
    self.body.append("</span></label></div>\n")


def visit_explanations(self, node):
    self.body.append('</fieldset>\n<details class="explanations">\n<summary>Answer</summary>\n')


def depart_details(self, node):
    self.body.append("</details>\n")


def visit_answer(self, node):
    self.body.append(
        f'<details class="explanations answer" id="q-{self.attval(node["name"])}-answer">\n'
        "<summary>The answer to the prediction</summary>\n"
    )


def visit_explanation(self, node):
    verdict = "Right" if node["right"] else "Not this one"
    self.body.append(
        f'<div class="explanation {"right" if node["right"] else "wrong"}" data-place="{node["number"]}">'
        f'<p class="verdict"><span class="letter">{node["letter"]}</span> {verdict}</p>\n'
    )


def visit_revisit(self, node):
    self.body.append('<div class="from-earlier">\n')
