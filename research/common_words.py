"""Ordinary English words that company names are made of. In small letters they are taken for the words, not the name."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMMON_WORDS = _words(
    """
    a about access acquisition action active advance advanced advantage aero air airlines alliance allied alpha
    alternative america american an analog and apparel apple applied arm arrow art artificial as asia asset assured at
    atlas auto bank banks bay best beyond big bio bit black block blue board bond book boot box brand brands bridge bright
    broad broadcast builders building business cable camping candy capital car carbon care caring casual central century
    charge chart chip choice church circle city clean clear cloud club coal coast cold college comfort common
    communications community computer computing concrete connect consumer container core corner cost country cross crown
    cyber daily dairy data day deep delta design development diamond digital direct discovery dollar double drive dynamic
    eagle earth east eastern edge education electric electronics element energy engine enterprise entertainment equity
    essential european evolution exact exchange express extra face fair family farm fashion fast federal fidelity field
    finance financial first five flex focus food for force forest forge fortune forward foundation four fox free fresh
    friends frontier fuel full fund funds future galaxy game games gap gas gate general genesis giant glass global go gold
    golden good grace grand graphic great green grid group growth guardian gulf hall harbor harmony health healthcare
    heart heritage high hill hilltop holding holdings home honest hope horizon hotel hotels house human impact income
    independence independent industrial industries industry infrastructure innovation innovative insight insurance
    integrated intelligence intelligent interactive international internet invest investment investments investors iron
    island jet journey key kind king kingdom lab labs lake land landmark leader lean learning legacy leisure liberty life
    light limited line link lion live logic logistics long love low lucky machine machines main major manufacturing marine
    mark market markets master match materials matrix matter max media medical medicine merit meta metal metals metro
    micro mid middle mind mining mint mobile model modern moment money mother motor motors mountain move music mutual
    national natural nature net network networks new news next noble north northern now ocean oil on one open opportunity
    optical option orange orbit organic origin outdoor pacific pack palm paper paramount park partner partners path pay
    peak people performance pet petroleum phoenix physical pilot pioneer planet play plug point pool post power precision
    premier prime prior private pro products professional progress progressive property prospect prosperity protection
    provident public pulse pure quality quantum quest quick radio rail rain range rapid reality realty red regional
    reliable reliance renewable rental research resource resources restaurant retail revolution rich right ring rise river
    road robotic rock rocket root rose round royal safe sage sand science sciences sea security select semiconductor
    senior service services seven shell shield shine shop short silver simple six sky sleep smart snap snow social
    software solar solid solution solutions sonic sound source south southern space spark special spirit splash sports
    spring square standard star state steel stem step stock stone storage strategic stream street strong structure summit
    sun super supply sure sustainable swift switch system systems table target team tech technologies technology telecom
    terra test texas the three time titan to tool tools top total tower toys trade trans transport travel tree tri trinity
    true trust twin two under union united unity universal up urban us valley value vector venture vertex visa vision
    vista vital voice wall war waste watch water wave way wealth weather web well west western wheel white wide wild wind
    wing wolf wood work works world yield young zero zoom
    """
)
