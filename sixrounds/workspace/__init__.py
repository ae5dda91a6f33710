"""A learner's folder: their copies of the released notebooks, never overwritten.

folder.find(dir) -> Workspace     where it is
lab.prepare(workspace)            add what is released and not there yet
reset.reset(workspace, id)        one exercise back to its stub; the old answer is kept
update.update(workspace)          bring a new release into worked notebooks
status.survey(workspace)          what is written, what passed, what is next
"""
