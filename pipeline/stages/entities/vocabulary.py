"""Words that say what the name beside them is: titles, roles, and the words that organisations and places are made of."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """Words of a list that is written as a line of text.

    >>> words("said told")
    ('said', 'told')
    """
    return tuple(text.split())


TITLES = frozenset(
    words(
        " Mr Mr. Mrs Mrs. Ms Ms. Dr Dr. Sir Lord Lady Dame President Vice-President Vice Prime Minister Premier Chancellor"
        " Senator Sen. Rep. Representative Congressman Congresswoman Governor Gov. Mayor Secretary General Gen. Lt. Col."
        " Colonel Major Maj. Capt. Captain Sgt. Sergeant Admiral Adm. Marshal Judge Justice Chief Pope Cardinal Archbishop"
        " Bishop Father Rev. Reverend Imam Ayatollah Sheikh Sheik King Queen Prince Princess Emperor Sultan Emir"
        " Ambassador Professor Prof. Chairman Chairwoman Director Commissioner Leader Spokesman Spokeswoman Coach"
        " Detective Officer Private Prosecutor Speaker Deputy Foreign Defense Defence Finance Interior Attorney Envoy"
        " Crown Opposition Commander Brigadier Corporal Lieutenant Inspector Superintendent Dictator Militant Mullah"
        " Lieutenant-Colonel Lieutenant-General Major-General Brigadier-General Vice-Admiral Vice-Premier Vice-Chancellor"
        " Maulana Grand Hajj Hojatoleslam Analyst Economist Lawyer Author Actor Actress Singer Director-General"
        " Secretary-General"
        # Spanish
        " señor señora don doña presidente presidenta ministro ministra rey reina príncipe general coronel capitán juez"
        " jueza alcalde alcaldesa gobernador senador senadora diputado diputada embajador portavoz secretario secretaria"
        " Presidente Presidenta Ministro Ministra Rey Reina Papa papa cardenal obispo entrenador técnico director"
        " directora doctor profesor canciller jefe líder"
        # German
        " Herr Frau Präsident Präsidentin Ministerin Kanzler Kanzlerin Bundeskanzler Bundeskanzlerin Außenminister"
        " Außenministerin Innenminister Innenministerin Finanzminister Finanzministerin Verteidigungsminister"
        " Verteidigungsministerin Premierminister Premierministerin Ministerpräsident Ministerpräsidentin König Königin"
        " Prinz Oberst Richter Bürgermeister Bürgermeisterin Oberbürgermeister Gouverneur Abgeordnete Abgeordneter"
        " Botschafter Sprecher Sprecherin Papst Kardinal Bischof Trainer Regisseur Chef Chefin Vorsitzende Vorsitzender"
        " Autor Kapitän Graf Freiherr Direktor Bundespräsident Staatschef Regierungschef Minister"
        # Portuguese
        " senhor senhora juiz governador deputado deputada embaixador prefeito secretário bispo diretor doutor professor"
        " advogado dr. sr. Sr. Sra. chanceler rainha"
        # French
        " M. Mme MM. président présidente ministre roi reine prince général colonel juge maire gouverneur sénateur député"
        " ambassadeur porte-parole pape cardinal évêque entraîneur directeur professeur chancelier patron"
        # Italian, Dutch
        " presidente signor signora onorevole premier cancelliere sindaco sottosegretario portavoce allenatore generale"
        " colonnello giudice president minister koning koningin prins generaal kolonel rechter burgemeester gouverneur"
        " woordvoerder paus kardinaal bisschop directeur voorzitter staatssecretaris mevrouw heer"
    )
)
ROLES = frozenset(
    words(
        "president minister premier chancellor senator governor mayor secretary general spokesman spokeswoman spokesperson "
        "leader chief chairman chairwoman director ambassador envoy judge lawyer coach striker defender midfielder "
        "goalkeeper captain manager analyst economist professor researcher commander colonel officer candidate rebel king "
        "queen prince actor singer author editor reporter correspondent executive ceo founder owner champion player batsman "
        "bowler jockey driver golfer seed trader dealer strategist deputy head official diplomat lawmaker mp"
    )
)
ORGANISATION_WORDS = frozenset(
    words(
        " Inc Inc. Corp Corp. Corporation Co Co. Company Ltd Ltd. LLC PLC Plc plc AG SA S.A. NV N.V. GmbH SpA AB ASA Oyj"
        " Group Holdings Holding Bank Banque Banco Bancorp Ministry Department Agency Commission Committee Council Union"
        " Party Front Movement Army Navy Force Forces Guard Police University College School Institute Institution"
        " Foundation Association Organization Organisation Federation Confederation League Club United City FC F.C. Court"
        " Parliament Congress Senate Assembly House Office Bureau Board Authority Service Services Times Post News Herald"
        " Tribune Journal Gazette Newspaper Daily Press Television TV Radio Network Airlines Airways Air Motors Industries"
        " International Systems Technologies Technology Software Partners Capital Securities Insurance Financial Fund"
        " Trust Exchange Markets Oil Gas Petroleum Energy Electric Power Steel Mining Mines Motor Telecom Telekom"
        " Communications Media Entertainment Pictures Studios Records Hospital Clinic Church Center Centre Society"
        " Alliance Coalition Brigade Brigades Battalion Division Command Secretariat Tribunal Treasury Reserve Academy"
        " Museum Library Orchestra Workers Teachers Red Cross Crescent Nations Liberation Democratic People's National"
        " Federal Central State Supreme Royal Ministerio"
        # Spanish, Portuguese
        " Universidad Partido Gobierno Congreso Senado Parlamento Comisión Consejo Tribunal Audiencia Asociación"
        " Federación Fundación Instituto Unión Grupo Compañía Sociedad Real Atlético Deportivo Policía Guardia Ejército"
        " Fuerzas Agencia Junta Ayuntamiento Diputación Generalitat Cámara Confederación Sindicato Frente Movimiento"
        " Alianza Liga Copa Corte Fiscalía Secretaría Dirección Comité Nacional Internacional Universidade Ministério"
        " Governo Senado Comissão Conselho Associação Federação Fundação União Companhia Sociedade Clube Polícia Exército"
        " Câmara Movimento Secretaria Assembleia Faculdade Escola"
        # German
        " Universität Partei Ministerium Bundestag Bundesrat Landtag Kommission Rat Gericht Gerichtshof Verband Verein"
        " Stiftung Institut Gruppe Gesellschaft Klub SV VfB Polizei Bundeswehr Armee Agentur Hochschule Kirche"
        " Gewerkschaft Theater Zeitung"
        # French
        " Université Parti Ministère Gouvernement Congrès Sénat Parlement Conseil Cour Association Fédération Fondation"
        " Société Groupe Syndicat Mouvement Assemblée Banque Agence Police Armée Ligue Comité Organisation Bureau Centre"
    )
)
PLACE_WORDS = frozenset(
    words(
        "River Lake Mount Mountain Mountains Sea Ocean Bay Gulf Island Islands Peninsula Valley Province County District "
        "Region State City Town Village Street Avenue Road Square Airport Port Strait Desert Beach Cape Coast North South "
        "East West Northern Southern Eastern Western Central Upper Lower New San Santa Los Las Saint St. Fort Mt. El Al "
        "Bridge Park Heights Hills Strip Bank Stadium Prison Canal Crossing Republic Kingdom Territory Territories Emirates"
    )
)
#: Small words that may stand inside a name: "Ministry of Foreign Affairs", "Osama bin Laden".
CONNECTORS = frozenset(
    words(
        "of and the for in bin ibn al de la del della di da dos das do du des van von der den zu y e el et & ' 's ’s - on le "
        "los las a to d' l' bint ter ten af und für pour sur em o os para die dem von am im het en voor te l’ d’ dell degli "
        "dei"
    )
)
SAID = frozenset(("said", "says", "told", "added"))
BEFORE_PLACES = frozenset(("in", "at", "near", "from", "to"))
#: Titles of Cyrillic wires, in small letters and without their endings.
CYRILLIC_TITLES = words(
    "президент премьер-министр премьер министр глав канцлер губернатор мэр генерал полковник сенатор депутат посол "
    "секретар директор командующ спикер судь прокурор адвокат пресс-секретар лидер прем'єр міністр голов речник очільник"
)
