"""What is written is read back, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from logwright.people import store
from logwright.people.sign_in import new_person
from logwright.people.types import Invitation, Session
from logwright.projects import manage
from logwright.projects.audit import SYSTEM
from logwright.projects.types import Role

if TYPE_CHECKING:
    from logwright.projects.manage import Managing

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_people_their_roles_and_their_sessions(managing: Managing) -> None:
    project, _ = manage.create_project(managing, SYSTEM, "one")
    ada, bob = (new_person(NOW, f"{name}@example.com", name, is_admin=name == "ada") for name in ("ada", "bob"))
    session = Session(
        id="ses_1",
        person_id=ada.id,
        way="password",
        created_at=NOW,
        seen_at=NOW,
        expires_at=NOW + timedelta(days=7),
        address="::1",
        user_agent="Browser",
    )
    with managing.database.write() as connection:
        assert not store.any_people(connection)
        store.add_person(connection, ada, password="hash")
        store.add_person(connection, bob, password="")
        store.put_member(connection, project.id, bob.id, Role.VIEWER, NOW)
        store.put_member(connection, project.id, bob.id, Role.ADMIN, NOW)
        store.add_session(connection, session, b"digest")
        store.note_seen(connection, session, NOW + timedelta(hours=1))
    with managing.database.read() as connection:
        assert {each.email for each in store.all_people(connection)} == {"ada@example.com", "bob@example.com"}
        known = store.person_by_email(connection, "ada@example.com")
        assert known is not None
        assert (known.password, known.person.is_admin, known.person.has_password) == ("hash", True, True)
        assert store.roles_of(connection, bob.id) == {project.id: Role.ADMIN}
        found = store.session_by_digest(connection, [b"other", b"digest"])
        assert found is not None
        assert (found[0].seen_at, found[1].id) == (NOW + timedelta(hours=1), ada.id)
    with managing.database.write() as connection:
        store.forget_sessions(connection, ended=NOW, idle_since=NOW + timedelta(hours=2))
        assert store.sessions_of(connection, ada.id) == []
        assert store.remove_member(connection, project.id, bob.id)
        assert not store.remove_member(connection, project.id, bob.id)


def test_invitations_and_tries(managing: Managing) -> None:
    invitation = Invitation(
        id="inv_1",
        project_id=None,
        role=Role.OWNER,
        email="",
        invited_by="key_1",
        created_at=NOW,
        expires_at=NOW + timedelta(days=1),
        accepted_at=None,
        revoked_at=None,
    )
    with managing.database.write() as connection:
        store.add_invitation(connection, invitation, b"digest")
        for seconds in (3, 1, 2):
            store.add_try(connection, "name ada", NOW + timedelta(seconds=seconds))
    with managing.database.write() as connection:
        assert store.invitation_by_digest(connection, [b"digest"]) == invitation
        assert store.invitations_of(connection, None) == [invitation]
        store.close_invitation(connection, "inv_1", accepted_at=NOW, revoked_at=None)
        closed = store.invitation_by_digest(connection, [b"digest"])
        assert closed is not None
        assert not closed.is_open(NOW)
        tries = store.tries_since(connection, "name ada", NOW + timedelta(seconds=1))
        assert tries == [NOW + timedelta(seconds=2), NOW + timedelta(seconds=3)]
        store.forget_tries(connection, before=NOW + timedelta(seconds=2))
        assert len(store.tries_since(connection, "name ada", NOW)) == 1
        store.forget_tries(connection, who="name ada")
        assert store.tries_since(connection, "name ada", NOW) == []
