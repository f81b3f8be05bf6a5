"""Reading a registry from its topic: what `snapshot` of a registry's entry asks for.

The topic tells schemas, levels and write modes in one pass. Which subjects exist is still asked of the registry, and
whatever the topic may tell otherwise than the registry answers is read from the registry too, so that both readings
are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain

from adapters.confluent.contexts import find_context
from adapters.confluent.journal import Journal, Record, read_journal
from adapters.confluent.reading import FEW, Reader, give_mode
from adapters.confluent.settings import SettingsStore, Values, read_config
from adapters.confluent.wire import make_subject
from reconciler.errors import UnexpectedAnswerError
from reconciler.model import LiveState, LiveSubject, SettingValue

_SAMPLE = 16
_MOVED = 4
"""So many subjects may have changed between reading the topic and asking the registry."""
_LEVEL = "compatibilityLevel"


class SnapshotReader:
    """Reads much through the topic, and leaves the rest to the readers over REST.

    Args:
        load: reads the topic.
        place: the topic's name and brokers, for errors.
        registry: the team's name of the registry.
    """

    def __init__(
        self,
        load: Callable[[], Sequence[Record]],
        reader: Reader,
        settings: SettingsStore,
        *,
        place: str,
        registry: str,
    ) -> None:
        self._load = load
        self._reader = reader
        self._settings = settings
        self._place = place
        self._registry = registry
        self._journal: Journal | None = None

    def read_state(self, subjects: Collection[str] | None, modes_of: Collection[str] | None) -> LiveState:
        """See :meth:`reconciler.registry.SchemaRegistry.read_state`; few subjects are read over REST."""
        if subjects is not None and len(set(subjects)) <= FEW:
            return self._reader.read_state(subjects, modes_of)
        journal = read_journal(self._load())
        found = self._read_subjects(journal, subjects)
        wanted = found.keys() if modes_of is None else dict.fromkeys(modes_of).keys()
        found.update(self._give_modes(journal, found, [n for n in wanted if n in found or subjects is not None]))
        # What holds in a context without a level of its own, the server knows.
        contexts = (c for c in set(map(find_context, wanted)) if c)
        told = {c: config for c in contexts if (config := journal.configs.get(c)) and config.get(_LEVEL)}
        found.update(self._reader.read_inherited([found[name] for name in wanted if name in found], told))
        # The texts are not needed any more.
        self._journal = Journal(configs=journal.configs, modes=journal.modes)
        return LiveState(found, self._reader.read_default_mode())

    def read_settings(self, subjects: Collection[str | None]) -> dict[str | None, Values]:
        """See :meth:`reconciler.registry.SettingsKeeper.read_settings`; the topic as it was read last serves many."""
        journal = self._journal
        if journal is None or len(subjects) <= FEW:
            return self._settings.read_settings(subjects)
        is_told = not _has_wide_settings(journal) and not _has_override(journal)
        told = [name for name in subjects if is_told and name is not None and _is_told(journal, name)]
        rest = self._settings.read_settings([name for name in subjects if name not in set(told)])
        return {name: rest[name] if name in rest else _make_settings(journal, name) for name in subjects}

    def _read_subjects(self, journal: Journal, subjects: Collection[str] | None) -> dict[str, LiveSubject]:
        """Read what exists, in the registry's order: what it lists, and of contexts that it may not list what is asked
        for.
        """
        listed = self._reader.read_names()
        names = listed if subjects is None else [n for n in dict.fromkeys(subjects) if n in listed or n.startswith(":")]
        latest = journal.find_latest(names)
        self._raise_if_another([name for name in names if name in listed and name not in latest])
        found = {name: make_subject(name, value) for name, value in latest.items()}
        again = self._reader.read_by_name(chain(self._check_sample(found), _find_hidden(latest)))
        again |= self._reader.read_by_name(name for name in names if name not in found)
        found = {name: subject for name, subject in found.items() if name in listed} | again
        return {name: found[name] for name in names if name in found}

    def _check_sample(self, found: Mapping[str, LiveSubject]) -> list[str]:
        """Ask the registry for the newest schemas, whose ids tell registries apart; gives back what has moved."""
        newest = sorted(found.values(), key=lambda s: (s.latest.id or 0) if s.latest else 0, reverse=True)[:_SAMPLE]
        answers = self._reader.read_by_name(subject.name for subject in newest)
        moved = [one.name for one in newest if _identify(answers.get(one.name)) != _identify(one)]
        self._raise_if_another(moved)
        return moved

    def _raise_if_another(self, differing: Sequence[str]) -> None:
        if len(differing) > _MOVED:
            listed = ", ".join(differing[:3])
            raise UnexpectedAnswerError(
                f"{self._place} is not the topic that this registry keeps its schemas in: {len(differing)} subjects are"
                f" otherwise there, such as {listed}",
                registry=self._registry,
                fix="name the registry's own brokers and topic in `snapshot`, or take it out to read over REST",
            )

    def _give_modes(
        self, journal: Journal, found: Mapping[str, LiveSubject], names: Iterable[str]
    ) -> dict[str, LiveSubject]:
        ordered = list(names)
        has_wide = _has_wide_settings(journal)
        own = [name for name in ordered if name in journal.configs]
        told = [name for name in own if not has_wide and _is_told(journal, name)]
        untold = set(own).difference(told)
        asked = self._reader.read_modes(found, [name for name in ordered if name in untold])
        given = {n: give_mode(found.get(n) or LiveSubject(n, None), journal.configs[n]) for n in told}
        both = asked | given
        return {name: both[name] for name in own if name in both}


def _identify(subject: LiveSubject | None) -> tuple[int, int | None] | None:
    return (subject.latest.version, subject.latest.id) if subject and subject.latest else None


def _find_hidden(latest: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Subjects whose metadata the registry may have stored encrypted: those that call some of it sensitive."""
    found = []
    for name, value in latest.items():
        metadata = value.get("metadata")
        if isinstance(metadata, dict) and metadata.get("sensitive"):
            found.append(name)
    return found


def _is_told(journal: Journal, subject: str) -> bool:
    """Whether the topic tells a subject's config: without a level of its own, a registry answers inherited ones."""
    config = journal.configs.get(subject)
    return config is None or bool(config.get(_LEVEL))


def _has_wide_settings(journal: Journal) -> bool:
    """Whether the registry or a context has settings beside its level, which subjects may be answered with."""
    return any(read_config(journal.configs[scope]) for scope in journal.list_scopes())


def _has_override(journal: Journal) -> bool:
    """Whether the registry's write mode is answered for every subject."""
    return journal.modes.get(None, {}).get("mode") == "READONLY_OVERRIDE"


def _make_settings(journal: Journal, subject: str | None) -> dict[str, SettingValue]:
    mode = journal.modes.get(subject, {}).get("mode")
    own: dict[str, SettingValue] = {"write_mode": mode} if isinstance(mode, str) else {}
    return own | read_config(journal.configs.get(subject))
