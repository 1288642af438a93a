"""What methods share: a world model of parts, imagination, actor and critic, open-loop prediction.

It knows no method; plugins fill its slots.
"""
