"""What is done, and to what, as people read it. What has no words here is told by its code."""

from __future__ import annotations

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

COMMANDS = {
    "accounts.begin_acting": N_("Began to act in another's name"),
    "accounts.begin_authenticator": N_("Began to set up an application for codes"),
    "accounts.confirm_authenticator": N_("Set up an application for codes"),
    "accounts.end_acting": N_("Stopped acting in another's name"),
    "accounts.end_session": N_("Ended a session"),
    "accounts.forget_device": N_("Took trust from a device"),
    "accounts.give_code": N_("Gave a code"),
    "accounts.remove_authenticator": N_("Removed the application for codes"),
    "accounts.renew_backup_codes": N_("Made new backup codes"),
    "accounts.reset_second_step": N_("Reset somebody's second step"),
    "accounts.send_code": N_("Had a code sent"),
    "accounts.set_directory": N_("Set up the company directory"),
    "accounts.set_provider": N_("Set up the company sign-in"),
    "accounts.sign_in": N_("Signed in"),
    "accounts.sign_out": N_("Signed out"),
    "accounts.trust_device": N_("Trusted a device"),
    "customers.add_point": N_("Added a telephone or address of a customer"),
    "customers.change_point": N_("Corrected a telephone or address of a customer"),
    "customers.register_potential": N_("Registered a customer"),
    "customers.restore_point": N_("Restored a customer's telephone"),
    "customers.set_code_word": N_("Set a customer's code word"),
    "customers.set_main_point": N_("Chose a customer's main telephone"),
    "customers.strike_point": N_("Struck out a customer's telephone"),
    "customers.unmask": N_("Read a masked value"),
    "customers.update_customer": N_("Changed a customer's data"),
    "desk.leave_message": N_("Sent a letter to a colleague"),
    "files.attach": N_("Attached a file"),
    "files.change_rules": N_("Changed what files may be attached"),
    "files.delete": N_("Deleted a file"),
    "files.describe": N_("Described a file"),
    "files.download": N_("Downloaded a file"),
    "files.restore": N_("Restored a file"),
    "messages.add_template": N_("Added a template of messages"),
    "messages.cancel": N_("Cancelled a message"),
    "messages.change_template": N_("Changed a template of messages"),
    "messages.put_sender": N_("Changed who carries messages"),
    "messages.retry": N_("Had a message tried again"),
    "messages.send": N_("Sent a message"),
    "messages.send_test": N_("Sent a test message"),
    "interactions.send_sms": N_("Sent an SMS to a customer"),
    "interactions.identify": N_("Identified a customer"),
    "interactions.link_customer": N_("Linked a contact with a customer"),
    "interactions.register_visit": N_("Registered a visit"),
    "interactions.save_result": N_("Wrote a contact's result"),
    "interactions.add_note": N_("Wrote a note"),
    "people.add_group": N_("Added a group"),
    "people.add_project": N_("Added a project"),
    "people.add_role": N_("Added a role"),
    "people.add_team": N_("Added a team"),
    "people.add_user": N_("Added a user"),
    "people.block_user": N_("Blocked a user"),
    "people.change_password": N_("Changed one's own password"),
    "people.end_sessions": N_("Signed a user out everywhere"),
    "people.give_password": N_("Gave a user a new password"),
    "people.set_password": N_("Set a user's password"),
    "people.set_photo": N_("Changed one's own photo"),
    "people.unblock_user": N_("Let a user in again"),
    "people.update_group": N_("Changed a group"),
    "people.update_project": N_("Changed a project"),
    "people.update_role": N_("Changed a role"),
    "people.update_team": N_("Changed a team"),
    "people.update_user": N_("Changed a user"),
    "routing.ask_presence": N_("Changed one's own state"),
    "routing.set_presence": N_("Changed somebody's state"),
    "telephony.call_out": N_("Made a call"),
    "telephony.listen": N_("Listened to a recording"),
    "telephony.request": N_("Acted on a call"),
    "topics.add_topic": N_("Added a topic"),
    "topics.change_topic": N_("Changed a topic"),
    "topics.move_topic": N_("Moved a topic"),
    "topics.restore_topic": N_("Restored a topic"),
    "topics.withdraw_topic": N_("Withdrew a topic"),
}
TABLES = {
    "accounts_companydirectory": N_("Company directory"),
    "accounts_signinprovider": N_("Company sign-in"),
    "files_file": N_("File"),
    "messages_sender": N_("Who carries messages"),
    "messages_template": N_("Template of messages"),
    "people_user": N_("User"),
    "people_user_projects": N_("User's project"),
    "people_user_groups": N_("User's group"),
    "people_role": N_("Role"),
    "people_team": N_("Team"),
    "people_group": N_("Group"),
    "people_project": N_("Project"),
    "customers_customer": N_("Customer"),
    "customers_contactpoint": N_("Telephone or address"),
    "customers_document": N_("Document"),
    "customers_address": N_("Address"),
    "interactions_interaction": N_("Contact"),
    "topics_topic": N_("Topic"),
    "routing_queue": N_("Queue"),
    "routing_agent": N_("Operator"),
    "telephony_line": N_("Line"),
}
_COLUMNS = {
    "last_name": N_("Last name"),
    "first_name": N_("First name"),
    "middle_name": N_("Middle name"),
    "login": N_("Login"),
    "position": N_("Position"),
    "email": N_("E-mail"),
    "extension": N_("Extension"),
    "mobile": N_("Mobile phone"),
    "home_phone": N_("Home phone"),
    "language": N_("Language"),
    "role_id": N_("Role"),
    "team_id": N_("Team"),
    "project_id": N_("Project"),
    "group_id": N_("Group"),
    "user_id": N_("User"),
    "name": N_("Title"),
    "code": N_("Code"),
    "number": N_("Number"),
    "zone": N_("Time zone"),
    "rights": N_("Rights"),
    "all_projects": N_("Sees all projects"),
    "sign_in": N_("Signing in"),
    "trusted_days": N_("Days a device is trusted"),
    "is_active": N_("May sign in"),
    "password_is_given": N_("Has a password to be changed"),
    "sessions_ended": N_("Times signed out everywhere"),
}


def command_name(code: str) -> str:
    return _(COMMANDS[code]) if code in COMMANDS else code


def act_name(act: str) -> str:
    """act: as in ChangedRow."""
    return {"I": _("added"), "U": _("changed"), "D": _("removed")}.get(act, act)


def table_name(table: str) -> str:
    return _(TABLES[table]) if table in TABLES else table


def column_name(column: str) -> str:
    return _(_COLUMNS[column]) if column in _COLUMNS else column


def table_of_fact(fact: str) -> str:
    """customer_id names a row of customers_customer: what one may narrow the audit to."""
    model = fact.removesuffix("_id").replace("_", "")
    tables = (one._meta.db_table for one in apps.get_models() if one._meta.model_name == model)
    return next((table for table in tables if table in TABLES), "")
