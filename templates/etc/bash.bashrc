if [ -r /etc/timectl/aliases.sh ]; then . /etc/timectl/aliases.sh; fi
