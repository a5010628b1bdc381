"""What planted noise is made of: sentences of other languages, and the lines of web pages that are no sentences. Written for this project.

None of it is read by a filter: rules that knew these very lines would find planted noise and nothing else.
"""

from __future__ import annotations

# Languages that crawls of Japanese and English pages bring along; Chinese and Korean are what is taken for Japanese.
FOREIGN: tuple[str, ...] = (
    "Die Sitzung wurde auf den kommenden Donnerstag verschoben, weil der Saal belegt war.",
    "Bitte geben Sie Ihre Kundennummer ein und klicken Sie anschließend auf Weiter.",
    "Im Herbst färben sich die Blätter der alten Buchen hinter unserem Haus rot.",
    "Der Vertrag verlängert sich automatisch um ein Jahr, sofern er nicht gekündigt wird.",
    "Sie fragte ihn, ob er den Schlüssel auf dem Küchentisch gesehen habe.",
    "Nach Angaben der Polizei wurde niemand verletzt.",
    "Alle Preise verstehen sich einschließlich der gesetzlichen Mehrwertsteuer.",
    "Le musée restera fermé jusqu'à la fin des travaux de rénovation.",
    "Veuillez vérifier votre adresse avant de confirmer la commande.",
    "Elle avait oublié son parapluie dans le train de nuit pour Marseille.",
    "Selon le ministre, la réforme entrera en vigueur dès le mois de janvier.",
    "Cette recette convient aussi à ceux qui n'ont pas de four.",
    "Les résultats de l'enquête seront publiés la semaine prochaine.",
    "Tous les enfants du village connaissaient le chemin de la rivière.",
    "El puerto estuvo cerrado durante tres días a causa del temporal.",
    "Seleccione el idioma que desea utilizar y pulse el botón Aceptar.",
    "Mi abuela guardaba las cartas en una caja de madera debajo de la cama.",
    "Los vecinos se quejan del ruido que hacen los camiones por la noche.",
    "La biblioteca ofrece cursos gratuitos para personas mayores.",
    "Este producto no debe exponerse a la luz directa del sol.",
    "Il treno per Bologna partirà con circa venti minuti di ritardo.",
    "Abbiamo trovato una piccola trattoria vicino alla piazza del mercato.",
    "Per cambiare la password, aprite le impostazioni del vostro profilo.",
    "A reunião terminou sem que se chegasse a um acordo sobre o orçamento.",
    "Guarde este manual para poder consultá-lo sempre que for necessário.",
    "O rapaz subiu a rua devagar, com o cão a correr à sua frente.",
    "De fiets stond al weken onder de brug en niemand kwam hem halen.",
    "Het weer wordt morgen droog, met later op de dag wat zon.",
    "Tåget var försenat, så vi hann dricka en kopp kaffe till.",
    "Po południu dzieci poszły nad jezioro, żeby puszczać latawce.",
    "Комиссия рассмотрит заявление в течение десяти рабочих дней.",
    "Утром над рекой стоял густой туман, и другого берега не было видно.",
    "Чтобы продолжить, подтвердите адрес электронной почты.",
    "由于设备维修，游泳馆从下周一起暂停开放。",
    "请您在付款之前仔细核对收货地址和联系电话。",
    "他把自行车停在图书馆门口，忘了上锁。",
    "这项研究的结果将发表在下个月的期刊上。",
    "我们沿着河边走了很久，谁也没有说话。",
    "如果您忘记了密码，请点击下面的链接重新设置。",
    "专家认为，今年的粮食产量会比去年有所增加。",
    "孩子们围着老师，听他讲以前的故事。",
    "這家餐廳的牛肉麵很有名，週末常常要排隊。",
    "為了您的安全，請繫好安全帶並聽從工作人員的指示。",
    "회의는 다음 주 수요일 오후에 다시 열릴 예정입니다.",
    "비밀번호를 잊으셨다면 아래의 주소로 문의해 주세요.",
    "할머니는 마당에 앉아 고추를 말리고 계셨다.",
    "이 제품은 어린이의 손이 닿지 않는 곳에 보관하십시오.",
    "정부는 내년부터 새로운 제도를 시행하겠다고 밝혔다.",
    "어제 산 책을 지하철에 두고 내렸다.",
    "Toplantı salonu dolu olduğu için görüşme yarına ertelendi.",
    "Cuộc họp được dời sang tuần sau vì nhiều người bận.",
    "Anak-anak bermain di halaman sampai matahari terbenam.",
)

# (Japanese, English) templates of lines around a page's text; {place}, {name} and {year} are filled from the lists below.
BOILERPLATE: tuple[tuple[str, str], ...] = (
    (
        "ホーム | {place}について | サービス | 採用情報 | お問い合わせ",
        "Home | About {name} | Services | Careers | Contact us",
    ),
    ("トップページ > {place} > 一覧 > 詳細", "Home > {name} > List > Details"),
    ("続きを読む »", "Read more »"),
    (
        "当サイトでは、より良いサービスを提供するためにクッキーを使用しています。",
        "This website uses cookies to give you the best experience.",
    ),
    ("クッキーの使用に同意する  設定を変更する", "Accept all cookies  Manage preferences"),
    ("Copyright © {year} {name} All Rights Reserved.", "Copyright © {year} {name}. All rights reserved."),
    (
        "プライバシーポリシー | 利用規約 | サイトマップ | 特定商取引法に基づく表記",
        "Privacy policy | Terms of use | Sitemap | Legal notice",
    ),
    ("ログイン | 新規登録 | パスワードを忘れた方はこちら", "Log in | Sign up | Forgot your password?"),
    (
        "この記事をシェアする: Facebook Twitter LINE はてなブックマーク",
        "Share this article: Facebook Twitter LinkedIn Email",
    ),
    ("前の記事へ ← {place} → 次の記事へ", "« Previous post · {name} · Next post »"),
    ("カートに入れる  お気に入りに追加  在庫あり", "Add to cart  Add to wishlist  In stock"),
    (
        "コメントを残す メールアドレスが公開されることはありません。",
        "Leave a reply Your email address will not be published.",
    ),
    (
        "最終更新日 {year}年4月1日 | 編集 | 履歴 | 印刷用ページ",
        "Last updated April 1, {year} | Edit | History | Printable version",
    ),
    ("ページの先頭へ戻る ▲", "Back to top ▲"),
    ("メニュー 検索 閉じる 日本語 English 中文 한국어", "Menu Search Close English 日本語 中文 한국어"),
    ("タグ: {place}, ニュース, {year}年, まとめ", "Tags: {name}, news, {year}, roundup"),
    ("{name}をフォローして最新情報を受け取る", "Follow {name} for the latest updates"),
    ("[広告] {place}のおすすめ商品をチェック!", "[Advertisement] Check out deals from {name}!"),
    ("投稿者: admin | カテゴリー: {place} | コメント (0)", "Posted by admin | Category: {name} | Comments (0)"),
    ("1 2 3 4 5 … 次へ > 最後 >>", "1 2 3 4 5 … Next > Last >>"),
)
PLACES = ("東京支店", "会社", "京都市", "研究所", "学校", "開発チーム", "観光協会", "図書館")
NAMES = (
    "Acme",
    "Tokyo Works",
    "Kyoto Guide",
    "Northwind",
    "Example Labs",
    "Sakura Travel",
    "OpenDocs",
    "Harbor School",
)

# What extraction leaves of markup: before, behind.
DEBRIS: tuple[tuple[str, str], ...] = (
    ("<p>", "</p>"),
    ('<div class="content-body">', "</div>"),
    ('<a href="/article/index.html" target="_blank">', "</a>"),
    ('<span style="color: #333; font-size: 12px">', "</span>"),
    ('<li class="item"><strong>', "</strong></li>"),
    ("", "<br />"),
    ("", "</td></tr>"),
    ("&nbsp;&nbsp;", "&nbsp;"),
    ("&lt;p&gt;", "&lt;/p&gt;"),
    ("", ' <img src="/img/icon_arrow.gif" alt="" width="12" />'),
    ('class="nav-link" href="#top">', ""),
    ("", '" onclick="return false;">'),
    ("<!-- begin main -->", ""),
    ("", "&raquo; &copy;"),
    ("[if IE 9]>", "<![endif]"),
)
